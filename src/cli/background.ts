/** The daemon as a process of its own: started once, found by its socket, asked to leave. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { statePaths } from '../../config/paths.ts';
import { type BrokerClient, openClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { StatusView } from '../core/views.ts';
import { answering, awaitDaemon, pollMs } from './await-daemon.ts';
import type { Context } from './context.ts';

const stopTimeoutMs = 15_000;

export interface RunningDaemon {
  readonly client: BrokerClient;
  readonly status: StatusView;
  /** False where it ran already. */
  readonly started: boolean;
  /** What it warned of as it was started. */
  readonly warnings: readonly string[];
}

/** Finds the daemon, or starts it where `start` allows. Rejects with `DaemonUnreachable`. */
export async function reachDaemon(context: Context, start: boolean): Promise<RunningDaemon> {
  const client = controlClient(context);
  const status = await answering(client);
  if (status !== null) return { client, status, started: false, warnings: [] };
  if (!start) throw new BrokerError('DaemonUnreachable', 'The daemon is not running. Run: credbroker start');
  return { client, ...(await startDaemon(context, client)), started: true };
}

/** Asks the daemon to leave and waits until it has; false where none ran. */
export async function stopDaemon(context: Context): Promise<boolean> {
  const client = controlClient(context);
  const status = await answering(client);
  if (status === null) return false;
  const { pid } = status.daemon;
  await client.shutdown();
  const until = context.now() + stopTimeoutMs;
  while (isAlive(pid)) {
    if (context.now() > until) throw new BrokerError('Failed', `The daemon does not leave. Run: kill ${pid}`);
    await sleep(pollMs);
    context.signals.aborted.throwIfAborted();
  }
  return true;
}

export const controlClient = ({ env, platform, signals }: Context): BrokerClient =>
  openClient(statePaths(env, platform).socket, signals.aborted);

/** Its socket goes first; the ports and locks it holds go with the process. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** A container's first process may never collect its dead. proc(5): the state follows the name in brackets. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

async function startDaemon(
  context: Context,
  client: BrokerClient,
): Promise<Pick<RunningDaemon, 'status' | 'warnings'>> {
  const { log } = statePaths(context.env, context.platform);
  const { child, size } = launch(context, log);
  const status = await awaitDaemon(context, client, child);
  if (status !== null) return { status, warnings: warningsIn(said(log, size)) };
  throw new BrokerError('DaemonUnreachable', `The daemon did not start${lastWords(said(log, size))}. See: ${log}`);
}

/** What the daemon says before its own log is open lands in the same file. */
function launch(context: Context, log: string): { readonly child: ChildProcess; readonly size: number } {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  const file = openSync(log, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    const [node, ...words] = context.self;
    const child = spawn(node, [...words, 'serve'], {
      detached: true,
      stdio: ['ignore', file, file],
      env: context.env,
      windowsHide: true,
    });
    child.unref();
    return { child, size: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

/** The lines in the log since it was this long. */
const said = (log: string, from: number): readonly string[] =>
  readFileSync(log).subarray(from).toString('utf8').split('\n');

/** Above the line that says where it listens stand its warnings, and JSON from its own log. */
function warningsIn(lines: readonly string[]): readonly string[] {
  const listening = lines.findIndex((line) => line.startsWith('credbroker '));
  const before = listening < 0 ? lines : lines.slice(0, listening);
  return before.filter((line) => line !== '' && !line.startsWith('{'));
}

/** The error `main.ts` printed for the failed daemon, if it came that far. */
function lastWords(lines: readonly string[]): string {
  const words = lines.findLast((line) => line.startsWith('credbroker: '));
  return words === undefined ? '' : words.replace('credbroker', '');
}
