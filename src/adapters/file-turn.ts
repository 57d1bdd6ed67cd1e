/**
 * One process at a time, however many want to, and however they end: a turn is an ownership that is given up again.
 * A turn is never taken from a process that lives, though it be stopped or asleep.
 */
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BrokerError } from '../core/errors.ts';
import { takeOwnership } from './ownership.ts';
import { ensurePrivateDirectory } from './private-directory.ts';
import { errorCode } from './system-error.ts';

/** About half a minute in all. */
const attempts = 600;
const longestPauseMs = 50;

/** `directory` stands for what is taken turns at, and is made. `act` is synchronous: nobody in this process may come between. */
export const inTurn = async <T>(directory: string, signal: AbortSignal, act: () => T): Promise<T> => {
  ensurePrivateDirectory(directory);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    if (isTaken(directory)) {
      try {
        return act();
      } finally {
        giveUp(directory);
      }
    }
    if (attempt === attempts) throw new BrokerError('Failed', 'Another credbroker command does not finish. Try again');
    const pauseMs = Math.min(attempt * 5, longestPauseMs) * (0.5 + Math.random());
    await setTimeout(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

const isTaken = (directory: string): boolean => {
  try {
    takeOwnership(directory);
    return true;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    if (error.code === 'AlreadyRunning') return false;
    const code = errorCode(error.cause);
    if (code === null) throw error;
    throw new BrokerError('Failed', `"${directory}" cannot be written (${code}). Set CREDBROKER_HOME to another disk`, {
      cause: error,
    });
  }
};

/** An empty claim is nobody's. The highest is ours while we live; that takes no room on a full disk. */
const giveUp = (directory: string): void => {
  const claims = readdirSync(directory).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0));
  truncateSync(join(directory, `owner.${Math.max(...claims)}`));
};
