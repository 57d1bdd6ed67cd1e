import type { EpochMs } from './types.ts';

/** `YYYY-MM-DDTHH:MM:SSZ`, truncated: never later than the truth, and the one form every SDK parses. */
export const wireTime = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
