import type {
  AcquireRequest,
  Cancel,
  Credentials,
  LeaseUpstream,
  LoginOutcome,
  LoginRequest,
  RefreshedTokens,
  ReleaseRequest,
  SaveOutcome,
  SessionRecord,
  SessionStore,
  SessionUpstream,
  StoredSession,
  Verdict,
} from '../../src/core/types.ts';
import { epoch } from '../../src/core/types.ts';
import { type FakeClock, hours, minutes, seconds } from './fake-clock.ts';

/** A call the test answers when it wants to. */
export interface Pending<T> {
  readonly input: SessionRecord | null;
  readonly signal: AbortSignal;
  readonly answer: (value: T) => void;
}

export const ok = <T>(value: T): Verdict<T> => ({ type: 'ok', value });
export const transient = (retryAfterMs: number | null = null): Verdict<never> => ({
  type: 'transient',
  why: 'connect',
  detail: 'refused',
  retryAfterMs,
});
export const rejected: Verdict<never> = { type: 'rejected', why: 'invalid_grant', detail: 'invalid_grant' };
export const unauthorized: Verdict<never> = { type: 'unauthorized', detail: '401' };
export const denied: Verdict<never> = { type: 'denied', why: 'forbidden', detail: 'No access' };

/** Identity system whose every answer is given by the test. */
export class FakeUpstream {
  readonly refreshes: Pending<Verdict<RefreshedTokens>>[] = [];
  readonly probes: Pending<Verdict<void>>[] = [];
  readonly logins: { readonly request: LoginRequest; readonly answer: (outcome: LoginOutcome) => void }[] = [];
  readonly logouts: SessionRecord[] = [];
  /** How often it was told to forget who had signed in. */
  forgotten = 0;
  trustMs: number = seconds(60);
  /** Of profiles opened from now on. */
  idleMs: number | null = null;
  logoutIsLocal = false;
  logoutVerdict: Verdict<void> = ok(undefined);
  readonly acquires: Pending<Verdict<Credentials>>[] = [];
  /** What each call of `acquires` asked for. */
  readonly requests: AcquireRequest[] = [];
  readonly releases: ReleaseRequest[] = [];
  readonly releaseAnswers: ((verdict: Verdict<void>) => void)[] = [];
  readonly #clock: FakeClock;
  #serial = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  session(): SessionUpstream {
    const upstream = this;
    return {
      refreshLeadMs: (lifetimeMs) => Math.min(minutes(30), lifetimeMs / 2),
      refresh: (record, signal) => pend(this.refreshes, record, signal),
      probe: (record, signal) => pend(this.probes, record, signal),
      login: (request) => new Promise((answer) => this.logins.push({ request, answer })),
      get trustMs() {
        return upstream.trustMs;
      },
      get logoutIsLocal() {
        return upstream.logoutIsLocal;
      },
      forget: () => {
        this.forgotten += 1;
      },
      logout: async (record) => {
        this.logouts.push(record);
        return this.logoutVerdict;
      },
    };
  }

  profile(renewal: LeaseUpstream['renewal'] = 'overlap'): LeaseUpstream {
    return {
      renewal,
      prefetch: true,
      timeoutMs: null,
      ...(this.idleMs !== null && { idleMs: this.idleMs }),
      acquire: (request) => {
        this.requests.push(request);
        return pend(this.acquires, request.record, request.signal);
      },
      release: (request) => {
        this.releases.push(request);
        return new Promise((answer) => this.releaseAnswers.push(answer));
      },
    };
  }

  credentials(lifeMs: number = hours(1), change: Partial<Credentials> = {}): Credentials {
    this.#serial += 1;
    return {
      accessKeyId: `ASIAFAKE${String(this.#serial).padStart(12, '0')}`,
      secretAccessKey: 'secret/key+of/forty/characters/0123456789',
      sessionToken: `session-token-${this.#serial}`,
      expiresAt: epoch(this.#clock.now() + lifeMs),
      accountId: '123456789012',
      roleArn: null,
      transaction: null,
      ...change,
    };
  }

  record(lifeMs: number = hours(1), change: Partial<SessionRecord> = {}): SessionRecord {
    this.#serial += 1;
    return {
      accessToken: `access-${this.#serial}`,
      expiresAt: epoch(this.#clock.now() + lifeMs),
      refreshToken: `refresh-${this.#serial}`,
      client: null,
      region: 'us-east-1',
      tokenType: null,
      idToken: null,
      ...change,
    };
  }
}

function pend<T>(calls: Pending<T>[], input: SessionRecord | null, signal: AbortSignal): Promise<T> {
  return new Promise((answer) => calls.push({ input, signal, answer }));
}

/** A store another tool may write to at any time, and that can be made to fail. */
export class FakeStore implements SessionStore {
  stored: SessionRecord | null;
  /** What the next calls of `save` answer instead of saving. */
  readonly saveOutcomes: SaveOutcome[] = [];
  unreadable = false;
  removeError: Error | null = null;
  readonly saves: SessionRecord[] = [];
  readonly #changed = new Set<() => void>();

  constructor(stored: SessionRecord | null) {
    this.stored = stored;
  }

  load = async (): Promise<StoredSession> => {
    if (this.unreadable) return { type: 'unreadable', detail: 'half written' };
    return this.stored ? { type: 'found', record: this.stored } : { type: 'gone' };
  };

  save = async (record: SessionRecord): Promise<SaveOutcome> => {
    this.saves.push(record);
    const outcome = this.saveOutcomes.shift() ?? { type: 'saved' };
    if (outcome.type === 'saved') this.stored = record;
    return outcome;
  };

  remove = async (): Promise<void> => {
    if (this.removeError) throw this.removeError;
    this.stored = null;
  };

  watch = (changed: () => void): Cancel => {
    this.#changed.add(changed);
    return () => this.#changed.delete(changed);
  };

  /** Another tool writes, or deletes. */
  overwrite(record: SessionRecord | null): void {
    this.stored = record;
    for (const changed of this.#changed) changed();
  }
}
