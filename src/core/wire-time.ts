import type { EpochMs, MonoMs } from './types.ts';

/** `YYYY-MM-DDTHH:MM:SSZ`, truncated: never later than the truth, and the one form every SDK parses. */
export const wireTime = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** What a monotonic time is on the wall, as seen now. */
export const wireTimeOf = (at: MonoMs, { now, mono }: { readonly now: EpochMs; readonly mono: MonoMs }): string =>
  wireTime((now + (at - mono)) as EpochMs);
