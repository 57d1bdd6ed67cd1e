/** What several commands say alike. */
import type { Command } from 'commander';
import { type RunningDaemon, reachDaemon } from './background.ts';
import type { Context } from './context.ts';
import { say } from './text.ts';

export interface StartOption {
  /** False with `--no-start`. */
  readonly start: boolean;
}

/** For every command that asks the daemon. */
export const withDaemon = (command: Command): Command =>
  command.option('--no-start', 'fail instead of starting the daemon');

/** `reachDaemon`, telling the person when it had to be started. */
export async function daemonFor(context: Context, { start }: StartOption): Promise<RunningDaemon> {
  const daemon = await reachDaemon(context, start);
  if (daemon.started) say(context, `Started the daemon at ${daemon.status.daemon.url}`);
  return daemon;
}

/** Shown at the end of a command's help. */
export function examples(command: Command, lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}
