import { failure } from '../failures.ts';
import { wait } from '../wait.ts';
import type { Call } from './connection.ts';
import type { NotOk, Parsed } from './reply.ts';
import { isPassing } from './reply.ts';

const retries = 4;
const firstPauseMs = 500;
const longestPauseMs = 8_000;
const longestRetryAfterMs = 60_000;

/** Makes a call that may be repeated until it brings an answer, five times at most. */
export const patiently = async <T>(call: Call, make: () => Promise<Parsed<T>>): Promise<Parsed<T>> => {
  for (let attempt = 0; ; attempt++) {
    const parsed = await make();
    if (!isPassing(parsed) || attempt === retries) return parsed;
    if (!(await pause(call, attempt, parsed))) return aborted;
  }
};

/** Full jitter, and never shorter than the tenant asks for. False when the caller stopped. */
export const pause = ({ connection, signal }: Call, attempt: number, failed: NotOk): Promise<boolean> => {
  const { dependencies } = connection;
  const own = dependencies.random() * Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
  return wait(dependencies, Math.max(own, retryAfterMs(failed)), signal);
};

export const retryAfterMs = (failed: NotOk): number =>
  Math.min((failed.type === 'failure' ? failed.retryAfterMs : null) ?? 0, longestRetryAfterMs);

export const aborted = failure('aborted', 'stopped while waiting', false);
