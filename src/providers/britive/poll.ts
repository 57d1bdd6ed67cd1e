import { wait } from '../wait.ts';
import type { Call } from './connection.ts';
import type { NotOk, Parsed } from './reply.ts';
import { isPassing } from './reply.ts';
import { aborted, retryAfterMs } from './retry.ts';

interface Pace {
  readonly deadlineMs: number;
  /** Before each look; the last one goes on for ever. */
  readonly pausesMs: readonly number[];
}

const faultsInARow = 5;

/** Looks until there is something, null goes on. A tenant that fails a few times in a row does not end it. */
export const poll = async <T>(
  call: Call,
  { deadlineMs, pausesMs }: Pace,
  once: () => Promise<Parsed<T | null>>,
): Promise<{ readonly type: 'ok'; readonly value: T } | NotOk | 'deadline'> => {
  const { dependencies } = call.connection;
  const until = dependencies.clock.now() + deadlineMs;
  let faults = 0;
  let askedMs = 0;
  for (let turn = 0; ; turn++) {
    const leftMs = until - dependencies.clock.now();
    if (leftMs <= 0) return 'deadline';
    const pauseMs = Math.max(pausesMs[Math.min(turn, pausesMs.length - 1)] ?? 0, askedMs);
    if (!(await wait(dependencies, Math.min(pauseMs, leftMs), call.signal))) return aborted;
    const parsed = await once();
    if (parsed.type === 'ok' && parsed.value !== null) return { ...parsed, value: parsed.value };
    faults = parsed.type === 'ok' ? 0 : faults + 1;
    askedMs = parsed.type === 'ok' ? 0 : retryAfterMs(parsed);
    if (parsed.type !== 'ok' && (!isPassing(parsed) || faults > faultsInARow)) return parsed;
  }
};
