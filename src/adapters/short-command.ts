/**
 * Asks a program of the system one thing: no shell, a clean environment, nothing on standard input, bounded output.
 * Never rejects, and ends no later than its signal, which also ends the program.
 */
import { spawn } from 'node:child_process';
import type { Timers } from '../core/ports.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { errorCode } from './system-error.ts';

export interface ShortCommand {
  /** An absolute path, or a name to be found on the `PATH` of `env`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export type CommandEnd =
  | { readonly type: 'done'; readonly output: string }
  | { readonly type: 'failed'; readonly detail: string };

const longestOutput = 1_048_576;

export const runShortCommand = (request: ShortCommand): Promise<CommandEnd> =>
  new Promise((resolve) => {
    try {
      if (request.signal.aborted) return resolve(failed('late'));
      start(request, resolve);
    } catch (cause) {
      // Arguments that no system takes, such as too many bytes of them, are thrown and not reported.
      resolve(failed(errorCode(cause) ?? 'not started'));
    }
  });

/** What `work` does with the signal ends at the deadline, in milliseconds. */
export const withDeadline = async <T>(
  timers: Timers,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const stop = new AbortController();
  const cancel = timers.after(ms, () => stop.abort());
  try {
    return await work(stop.signal);
  } finally {
    cancel();
  }
};

const start = ({ command, args, env, signal }: ShortCommand, resolve: (end: CommandEnd) => void): void => {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: cleanEnvironment(env),
    windowsHide: true,
  });
  // First of all: where no more files can be opened the error is all there is of the child.
  child.on('error', (cause) => resolve(failed(errorCode(cause) ?? 'not started')));
  const end = (detail: string): void => {
    resolve(failed(detail));
    child.kill('SIGKILL');
    // A grandchild may hold its other end for as long as it likes. For that reason Node's own `signal` is not enough.
    child.stdout?.destroy();
  };
  signal.addEventListener('abort', () => end('late'), { once: true });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (output.length > longestOutput) end('too much output');
  });
  // `close` and not `exit`: only then all output is here.
  child.once('close', (status) => resolve(status === 0 ? { type: 'done', output } : failed(`status ${status}`)));
};

const failed = (detail: string): CommandEnd => ({ type: 'failed', detail });
