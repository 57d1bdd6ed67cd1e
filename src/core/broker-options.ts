/** What a broker is made of; the wiring chooses each piece. */
import type { ConsoleUpstream, ErrandUpstream } from './errand-upstream.ts';
import type { Kept } from './kept.ts';
import type { Notice } from './notice.ts';
import type { Clock, Log, Timers } from './ports.ts';
import type { SessionParts } from './session-parts.ts';
import type { ServedProfileSettings, SessionSettings, Settings } from './settings.ts';
import type { Checkout, LeaseUpstream } from './types.ts';

export interface BrokerOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Log;
  readonly seed: string;
  readonly notify: (notice: Notice) => void;
  readonly fingerprint: (secret: string) => string;
  readonly checkouts: Kept<Checkout>;
  readonly openSession: (settings: SessionSettings) => SessionParts;
  /** `session` is null for a profile that needs none of its own. */
  readonly openProfile: (settings: ServedProfileSettings, session: SessionSettings | null) => LeaseUpstream;
  readonly errands: ErrandUpstream & ConsoleUpstream;
}
