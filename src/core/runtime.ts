/** What the runners share: the world, the numbers and one mailbox. */
import type { Mailbox } from './mailbox.ts';
import type { Notice } from './notice.ts';
import type { Clock, Log, Timers } from './ports.ts';
import type { RefreshNumbers, Settings } from './settings.ts';
import type { Verdict } from './types.ts';

export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Both as the settings in force have them. */
  readonly numbers: RefreshNumbers;
  readonly login: () => Settings['login'];
  readonly mailbox: Mailbox;
  /** Differs between installations, so that their renewals do not fall together. */
  readonly seed: string;
  readonly changed: () => void;
  /** Tells every lease that this checkout's keys are good no more. */
  readonly revoked: (transaction: string) => void;
  /** Tells the person something they should hear of without asking. */
  readonly notify: (notice: Notice) => void;
  /** Tells secrets apart in what is written down; cannot be turned back. */
  readonly fingerprint: (secret: string) => string;
}

/** What a bug of an adapter proves. */
export const unforeseen = {
  type: 'transient',
  why: 'bad-body',
  detail: 'unforeseen failure',
  retryAfterMs: null,
} as const;

/** Runs one upstream call and turns a bug of an adapter into the safest verdict. */
export async function attempt<T>(runtime: Runtime, call: () => Promise<Verdict<T>>): Promise<Verdict<T>> {
  try {
    return await call();
  } catch (error) {
    runtime.log.error({ err: error }, 'an upstream call failed in an unforeseen way');
    return unforeseen;
  }
}
