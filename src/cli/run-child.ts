/** Runs a program in our place: its terminal, its signals, its status. */
import { spawn } from 'node:child_process';
import type { Context } from './context.ts';
import { ExitError } from './exit.ts';
import { signalStatus } from './signals.ts';

export interface ChildCommand {
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Resolves with the status a shell would report. Rejects with 127 or 126 as shells do when it cannot be run. */
export async function runChild(context: Context, { words, env }: ChildCommand): Promise<number> {
  const [command = '', ...others] = words;
  const child = spawn(command, others, { stdio: 'inherit', env });
  const giveBack = context.signals.takeOver((signal) => {
    // Ctrl-C reached the whole foreground group; a second one would make programs give up their clean-up.
    if (signal !== 'SIGINT' || !context.interactive) child.kill(signal);
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(notRun(command, cause)));
      child.once('exit', (status, signal) => resolve(signal === null ? (status ?? 1) : signalStatus(signal)));
    });
  } finally {
    giveBack();
  }
}

const notRun = (command: string, { code }: NodeJS.ErrnoException): ExitError =>
  code === 'ENOENT'
    ? new ExitError(127, `Cannot run "${command}": there is no such command`)
    : new ExitError(126, `Cannot run "${command}": ${code ?? 'unknown error'}`);
