/**
 * What one upstream may be asked now: a token bucket that keeps a share for callers who wait, the pause it asked for
 * itself, and a circuit that opens when nothing answers, so that fifty profiles do not knock where one is enough.
 */
import { type Failure, failure, inMaintenance, inSeconds } from './failure.ts';
import { backoffMs } from './freshness.ts';
import type { RefreshNumbers } from './settings.ts';
import { type MonoMs, mono, type Verdict } from './types.ts';
import type { CircuitView } from './views.ts';

/** Why no call may begin now. `failure` is null while it is only our own turn that has not come. */
export interface Closed {
  readonly until: MonoMs;
  readonly failure: Failure | null;
}

/**
 * Waiting callers may take the last tokens, renewals behind may not. A person who asks finds out whether a maintenance
 * is over: nobody knows how long one takes.
 */
export type Caller = 'behind' | 'program' | 'person';

interface Maintenance {
  readonly until: MonoMs;
  /** What the upstream tells its users. */
  readonly said: string;
}

export interface GateOptions {
  readonly mono: () => MonoMs;
  readonly random: () => number;
  readonly numbers: () => RefreshNumbers;
}

/** While one call tries whether upstream is back, the others look again this soon. */
const trialPollMs = 1_000;

export class UpstreamGate {
  readonly #options: GateOptions;
  /** Calls that may begin at once; below zero after calls that could not wait. */
  #tokens: number;
  #filledAt: MonoMs;
  #failures = 0;
  #pausedUntil: MonoMs = mono(0);
  /** As upstream itself asked; an answer to a call from before ends it not. */
  #askedUntil: MonoMs = mono(0);
  #maintenance: Maintenance | null = null;
  /** A call is trying whether upstream is back; nothing waits for it longer than it may take. */
  #trialUntil: MonoMs = mono(0);

  constructor(options: GateOptions) {
    this.#options = options;
    this.#tokens = options.numbers().budget.burst;
    this.#filledAt = options.mono();
  }

  /** Null when a call may begin. `who` is the upstream as the caller's user knows it. */
  closed(caller: Caller, who: string): Closed | null {
    const now = this.#options.mono();
    const resumesAt = caller === 'person' ? this.#pausedFor() : this.#resumesAt();
    const until = this.#trialUntil > now ? mono(now + trialPollMs) : resumesAt;
    if (until > now) return { until, failure: this.#why(who, until) };
    const { perSecond, burst, reserved } = this.#options.numbers().budget;
    this.#fill();
    const missing = 1 + (caller === 'behind' ? burst * reserved : 0) - this.#tokens;
    return missing <= 0 ? null : { until: mono(now + Math.ceil((missing / perSecond) * 1_000)), failure: null };
  }

  began(): void {
    this.#fill();
    this.#tokens -= 1;
    if (this.#isOpen()) this.#trialUntil = mono(this.#filledAt + this.#options.numbers().acquireTimeoutMs);
  }

  ended(verdict: Verdict<unknown>): void {
    if (verdict.type === 'transient' && verdict.why === 'aborted') return;
    if (verdict.type !== 'transient' && verdict.type !== 'ambiguous') return this.#close();
    if (verdict.type === 'transient' && verdict.why === 'maintenance') return this.#maintained(verdict);
    this.#failures += 1;
    this.#trialUntil = mono(0);
    const { circuit, retryAfterCapMs } = this.#options.numbers();
    const asked = verdict.type === 'transient' ? Math.min(verdict.retryAfterMs ?? 0, retryAfterCapMs) : 0;
    const beyond = this.#failures - circuit.failures + 1;
    const pause = beyond > 0 ? backoffMs(beyond, this.#options.random(), circuit) : 0;
    const now = this.#options.mono();
    this.#askedUntil = mono(Math.max(this.#askedUntil, now + asked));
    this.#pausedUntil = mono(Math.max(this.#pausedUntil, now + pause));
  }

  /** It answered, or what was learned says nothing any more (the machine slept). */
  reset(): void {
    this.#close();
    this.#askedUntil = mono(0);
  }

  /** That is an answer, too. */
  #maintained({ detail, retryAfterMs }: { readonly detail: string; readonly retryAfterMs: number | null }): void {
    this.#close();
    this.#maintenance = { until: mono(this.#options.mono() + (retryAfterMs ?? 0)), said: detail };
  }

  #close(): void {
    this.#failures = 0;
    this.#maintenance = null;
    this.#pausedUntil = mono(0);
    this.#trialUntil = mono(0);
  }

  view(): CircuitView {
    const waitMs = Math.max(0, this.#resumesAt() - this.#options.mono());
    const state = this.#isOpen() ? (waitMs === 0 ? 'half-open' : 'open') : 'closed';
    return { state, failures: this.#failures, retryInMs: waitMs };
  }

  #resumesAt(): MonoMs {
    return mono(Math.max(this.#pausedFor(), this.#maintenance?.until ?? 0));
  }

  /** Whoever asks. */
  #pausedFor(): MonoMs {
    return mono(Math.max(this.#pausedUntil, this.#askedUntil));
  }

  #isOpen(): boolean {
    return this.#failures >= this.#options.numbers().circuit.failures;
  }

  #why(who: string, until: MonoMs): Failure {
    const againInMs = until - this.#options.mono();
    if (this.#maintenance?.until === until) return inMaintenance(who, this.#maintenance.said, againInMs);
    const reason = this.#isOpen()
      ? 'has failed several times in a row; it is asked again soon'
      : `asked us to wait; it is asked again ${inSeconds(againInMs)}`;
    return failure('UpstreamUnavailable', `${who} ${reason}`);
  }

  #fill(): void {
    const now = this.#options.mono();
    const { perSecond, burst } = this.#options.numbers().budget;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond);
    this.#filledAt = now;
  }
}
