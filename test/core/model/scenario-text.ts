/** The words of `scenarios.json`. */
import type { Presence, Renewal } from '../../../src/core/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

/** What upstream answers from now on; a duration is the life of what it issues, "silent" is no answer at all. */
export interface Answers {
  readonly credentials?: string;
  readonly refresh?: string;
  readonly probe?: string;
}

/** How often each was turned to; what is not named was left alone. */
export type Contact = Partial<Record<'credentials' | 'extension' | 'release' | 'refresh' | 'probe' | 'window', number>>;

export interface StepText {
  readonly upstream?: Answers;
  readonly happens?: 'the user signs in' | 'the window is finished' | 'the user logs out' | 'the user checks in';
  readonly passes?: string;
  readonly sleeps?: string;
  /** "once", after the time has passed, or "every 10s" while it does. */
  readonly asks?: string;
  readonly holds?: string;
  /** Each different answer, in the order it was first heard. */
  readonly hears?: readonly string[];
  readonly contact?: Contact;
  readonly told?: readonly string[];
}

export interface ScenarioText {
  readonly title: string;
  readonly given?: {
    /** The life of the set that is held at the start; without it there is none. */
    readonly credentials?: string;
    /** What is left of the access token; "none" is a user who never signed in. */
    readonly session?: string;
    readonly refreshable?: boolean;
    readonly renewal?: Renewal;
    readonly user?: Presence;
  };
  readonly steps: readonly StepText[];
}

const units: Readonly<Record<string, number>> = { ms: 1, s: seconds(1), m: minutes(1), h: hours(1) };

export function duration(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const each = units[unit ?? ''];
  if (each === undefined) throw new Error(`"${text}" is no duration`);
  return Number(count) * each;
}
