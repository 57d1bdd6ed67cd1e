import { type EpochMs, epoch, type MonoMs } from './types.ts';

/** `YYYY-MM-DDTHH:MM:SSZ`, truncated: never later than the truth, and the one form every SDK parses. */
export const wireTime = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** When a monotonic time comes on the wall, as far as is known now; the next full second, so that nothing comes before it. */
export const wallOf = (at: MonoMs, { now, mono }: { readonly now: EpochMs; readonly mono: MonoMs }): EpochMs =>
  epoch(Math.ceil((now + (at - mono)) / 1_000) * 1_000);
