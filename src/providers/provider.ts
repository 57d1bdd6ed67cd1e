/** What a provider is, and the capabilities it is given. It reaches the world through nothing else. */
import type { ErrandUpstream } from '../core/errand-upstream.ts';
import type { Clock, Timers } from '../core/ports.ts';
import type { ClientRegistration, LeaseUpstream, SessionUpstream } from '../core/types.ts';
import type { Fetch } from './http.ts';

/** The code for one upstream system; `S` are a session's settings, `P` a profile's. */
export interface Provider<S, P> extends Pick<ErrandUpstream<S, P>, 'catalogue'> {
  readonly openSession: (session: S) => SessionUpstream;
  readonly openProfile: (profile: P, session: S) => LeaseUpstream;
}

export interface ProviderDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly openLoopback: OpenLoopback;
  /** False when no browser could be started. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  readonly registrations: RegistrationStore;
}

/** Waiting needs both: timers to sleep, the clock to notice that the machine slept. */
export type Waiting = Pick<ProviderDependencies, 'clock' | 'timers'>;

/** Listens on 127.0.0.1 at a free port until closed, and answers what `answer` says to each GET. Rejects when it cannot listen. */
type OpenLoopback = (answer: (url: URL) => LoopbackPage) => Promise<Loopback>;

export interface Loopback {
  readonly port: number;
  /** Ends the connections that are still open, too. */
  readonly close: () => Promise<void>;
}

/** Plain text; the adapter makes it a page. */
export interface LoopbackPage {
  readonly status: 200 | 400;
  readonly title: string;
  readonly text: string;
}

/** A cache: what cannot be read is absent, what cannot be written is registered again next time. Never throws. */
export interface RegistrationStore {
  readonly load: (key: string) => Promise<ClientRegistration | null>;
  /** Null forgets. */
  readonly save: (key: string, registration: ClientRegistration | null) => Promise<void>;
}
