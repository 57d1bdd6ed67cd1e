import { EffectiveClock } from '../../src/adapters/effective-clock.ts';
import {
  type Credentials,
  epoch,
  type LoginOutcome,
  type LoginRequest,
  type RefreshedTokens,
  type SessionRecord,
  type SessionUpstream,
  serverTime,
  type Verdict,
} from '../../src/core/types.ts';
import { FakeClock, hours, minutes, seconds } from '../support/fake-clock.ts';
import { numbersOf, RandomServer } from './random-server.ts';
import { RandomStore } from './random-store.ts';

const rejected: Verdict<never> = { type: 'rejected', why: 'invalid_grant', detail: '' };
const unauthorized: Verdict<never> = { type: 'unauthorized', detail: '401' };
const denied: Verdict<never> = { type: 'denied', why: 'forbidden', detail: 'no' };

/** Identity system, token file, person and clocks, each of which knows the truth and complains about what must not be. */
export class RandomWorld {
  readonly random: () => number;
  readonly time = new FakeClock();
  readonly clock: EffectiveClock;
  readonly server: RandomServer;
  readonly store = new RandomStore();
  readonly story: string[] = [];
  readonly complaints: string[] = [];
  /** How far the machine's wall clock is off. */
  skewMs = 0;
  outage: 'none' | 'down' | 'lost' = 'none';
  calm = false;
  readonly denied = new Set<string>();
  readonly refused = new Set<string>();
  signedOut = false;
  userAsks = false;
  logins: { readonly byUser: boolean; readonly answer: (outcome: LoginOutcome) => void }[] = [];
  /** Calls that were answered with what they asked for. */
  readonly answered = new Map<string, number>();
  readonly startedAt = new Map<string, number>();
  readonly #calls = new Map<string, { under: number; at: number[] }>();
  readonly #spent = new Set<string>();
  #signedInAt = Number.NEGATIVE_INFINITY;
  #contact = { at: Number.NEGATIVE_INFINITY, reached: false };

  constructor(seed: number) {
    this.random = numbersOf(seed);
    this.clock = new EffectiveClock({ wall: () => this.time.now() + this.skewMs, mono: () => this.time.mono() });
    this.server = new RandomServer(this.time, this.random);
  }

  tell = (what: string): void => void this.story.push(`${(this.time.mono() / 1_000).toFixed(1)} ${what}`);
  complain = (what: unknown): void => {
    this.tell(`!!! ${what}`);
    this.complaints.push(String(what));
  };

  toggleOutage(): void {
    this.outage = this.outage === 'none' ? (this.random() < 0.7 ? 'down' : 'lost') : 'none';
  }

  /** Seen by the clock before anything else happens: set back during a sleep, nobody could tell. */
  setClock(skewMs: number): void {
    this.skewMs = skewMs;
    this.clock.now();
  }

  sleep(ms: number): void {
    this.time.sleep(ms);
    this.clock.now();
  }

  heal(): void {
    this.outage = 'none';
    this.calm = true;
    for (const set of [this.denied, this.refused]) set.clear();
    this.skewMs = 0;
    this.store.heal();
  }

  /** The person finishes the sign-in that is open, if one is. */
  finishLogin(): void {
    const [login] = this.logins;
    if (!login) return;
    const record = this.server.signIn();
    this.clock.anchor(serverTime(this.time.now()), 0);
    login.answer({ type: 'ok', record, lifetimeMs: record.expiresAt - this.time.now() });
  }

  acquire(profile: string, record: SessionRecord | null, signal: AbortSignal): Promise<Verdict<Credentials>> {
    const started = this.server.tick();
    if (!record || !this.store.seen.has(record.accessToken)) this.complain('16: a token is used before it was stored');
    return this.#call<Credentials>(`acquire ${profile}`, signal, () => {
      if (!this.server.takesAccess(record) || this.refused.has(profile)) return unauthorized;
      if (this.denied.has(profile)) return denied;
      const accessKeyId = `ASIA${this.server.tick()}`;
      this.startedAt.set(accessKeyId, started);
      const expiresAt = epoch(
        this.time.now() + hours(this.calm ? 4 : ([1, 4, 12][Math.floor(this.random() * 3)] ?? 1)),
      );
      const secrets = { secretAccessKey: 's', sessionToken: 't', accountId: null, roleArn: null, transaction: null };
      return { type: 'ok', value: { accessKeyId, expiresAt, ...secrets } };
    });
  }

  session = (): SessionUpstream => ({
    refreshLeadMs: (lifetimeMs) => Math.min(minutes(30), lifetimeMs / 2),
    refresh: (record, signal) => this.#refresh(record, signal),
    probe: (record, signal) =>
      this.#call<void>('probe', signal, () =>
        this.server.takesAccess(record) ? { type: 'ok', value: undefined } : unauthorized,
      ),
    login: (request) => this.#login(request),
    logout: async () => ({ type: 'ok', value: undefined }),
  });

  async #refresh(record: SessionRecord, signal: AbortSignal): Promise<Verdict<RefreshedTokens>> {
    if (this.#spent.has(record.refreshToken ?? '')) this.complain('17: a spent refresh token is sent again');
    const verdict = await this.#call<RefreshedTokens>('refresh', signal, () => {
      if (!this.server.takesRefresh(record)) return rejected;
      const issued = this.server.issue();
      return { type: 'ok', value: { record: issued, lifetimeMs: issued.expiresAt - this.time.now() } };
    });
    if (verdict.type === 'ok' && !signal.aborted) {
      this.store.known = verdict.value.record;
      this.#spent.add(record.refreshToken ?? '');
    }
    return verdict;
  }

  #login({ signal }: LoginRequest): Promise<LoginOutcome> {
    const byUser = this.userAsks;
    this.tell(byUser ? 'login by the user' : 'login by itself');
    if (this.logins.length > 0) this.complain('10: two sign-ins are open');
    if (!byUser) this.#checkWindow();
    return new Promise((resolve) => {
      const answer = (outcome: LoginOutcome): void => {
        this.tell(`login: ${outcome.type}`);
        this.logins = this.logins.filter((login) => login !== me);
        if (outcome.type === 'ok') {
          this.store.known = outcome.record;
          this.#signedInAt = this.time.now();
        }
        resolve(outcome);
      };
      const me = { byUser, answer };
      this.logins.push(me);
      signal.addEventListener('abort', () => answer({ type: 'unanswered', detail: '' }));
    });
  }

  #checkWindow(): void {
    if (this.signedOut) this.complain('11: a window after a logout');
    if (this.time.now() - this.#signedInAt < minutes(1)) this.complain('11: a window right after a sign-in');
    const reached = this.#contact.reached && this.time.mono() - this.#contact.at <= minutes(1);
    if (!reached) this.complain('9: a window although upstream was not reached');
    if (this.store.unreadable) return;
    for (const record of [this.store.stored, this.store.known]) {
      if (this.server.takesRefresh(record) || this.server.takesAccess(record, seconds(35))) {
        this.complain(`8: a window although the server takes ${record?.refreshToken}`);
      }
    }
  }

  #call<T>(key: string, signal: AbortSignal, serve: () => Verdict<T>): Promise<Verdict<T>> {
    const calls = this.#calls.get(key) ?? { under: 0, at: [] };
    this.#calls.set(key, calls);
    calls.under += 1;
    calls.at = [...calls.at.filter((at) => this.time.mono() - at < minutes(10)), this.time.mono()];
    if (calls.under > 1) this.complain(`3: two calls for ${key}`);
    if (calls.at.length > 45) this.complain(`18: ${calls.at.length} calls in 10 minutes for ${key}`);
    const slow = !this.calm && this.random() < 0.04;
    const latency = slow ? seconds(1 + this.random() * 20) : this.random() * 300;
    return new Promise((resolve) => {
      let done = false;
      const finish = (verdict: Verdict<T>, reached: boolean): void => {
        if (done) return;
        done = true;
        calls.under -= 1;
        if (!key.startsWith('acquire')) this.#contact = { at: this.time.mono(), reached };
        this.tell(`${key}: ${verdict.type}`);
        if (verdict.type === 'ok') this.answered.set(key, (this.answered.get(key) ?? 0) + 1);
        resolve(verdict);
      };
      const lost: Verdict<T> = { type: 'ambiguous', detail: 'no answer' };
      signal.addEventListener('abort', () => finish(lost, false));
      this.time.after(latency / 2, () => {
        const down: Verdict<T> = { type: 'transient', why: 'connect', detail: '', retryAfterMs: null };
        if (this.outage === 'down') return finish(down, false);
        const verdict = serve();
        if (this.outage === 'lost') return finish(lost, false);
        this.time.after(latency / 2, () => {
          if (!done) this.clock.anchor(serverTime(this.time.now()), 0);
          finish(verdict, true);
        });
      });
    });
  }
}
