import type { Command } from 'commander';
import { reachDaemon } from './background.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { say } from './text.ts';

export function addStart(program: Command, context: Context): void {
  const command = program
    .command('start')
    .description('start the daemon in the background')
    .action(() => start(context));
  examples(command, ['credbroker start']);
}

export async function start(context: Context): Promise<void> {
  const { started, status, warnings } = await reachDaemon(context, true);
  for (const warning of warnings) say(context, warning);
  const { pid, url } = status.daemon;
  say(context, `The daemon ${started ? 'runs now' : 'was running already'} at ${url}, process ${pid}`);
}
