/** Finding out whether a daemon answers, without a word about it. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { StatusView } from '../core/views.ts';
import type { Context } from './context.ts';

const startTimeoutMs = 15_000;
/** A daemon that lost the race for the socket is gone a little before the winner answers. */
const raceMs = 1_000;
export const pollMs = 25;

/** Null where none runs. */
export async function answering(client: BrokerClient): Promise<StatusView | null> {
  try {
    return await client.status();
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'DaemonUnreachable') return null;
    throw error;
  }
}

/** Resolves with the first answer after `child` was started, or null when none comes. */
export async function awaitDaemon(
  context: Context,
  client: BrokerClient,
  child: ChildProcess,
): Promise<StatusView | null> {
  let until = context.now() + startTimeoutMs;
  const gone = () => {
    until = Math.min(until, context.now() + raceMs);
  };
  child.once('exit', gone).once('error', gone);
  while (context.now() < until) {
    const status = await answering(client);
    if (status !== null) return status;
    await sleep(pollMs, null, { signal: context.signals.aborted }).catch(() => {});
    context.signals.aborted.throwIfAborted();
  }
  return null;
}
