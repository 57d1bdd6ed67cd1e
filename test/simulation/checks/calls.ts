/** What upstream sees of the broker: one call at a time, not too many, and pauses that grow while they fail. */
import type { RefreshNumbers } from '../../../src/core/settings.ts';
import type { Verdict } from '../../../src/core/types.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { CallKind } from '../network.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';

interface Line {
  underWay: boolean;
  /** What comes of the call under way does not count. */
  excused: boolean;
  /** When calls began in the last ten minutes. */
  began: number[];
  /** Transient failures in a row. */
  failures: number;
  failedAt: number;
  /** There was enough to hand out when it failed last. */
  easy: boolean;
}

export interface CallCheckParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly numbers: RefreshNumbers;
  /** Whether the session, or this profile, has what nobody has to wait for. */
  readonly easy: (key: string) => boolean;
}

const mostInTenMinutes = 45;

export class CallChecks {
  readonly #parts: CallCheckParts;
  readonly #lines = new Map<string, Line>();
  #tokens: number;
  #filledAt = 0;
  /** When the sign-in service itself last answered, by the true time; whether it did so to the last question. */
  contact = { at: Number.NEGATIVE_INFINITY, reached: false };
  /** When the last acquire of a profile began, monotonic. */
  readonly acquiredAt = new Map<string, number>();
  /** When the last one brought credentials. */
  readonly issuedAt = new Map<string, number>();

  constructor(parts: CallCheckParts) {
    this.#parts = parts;
    this.#tokens = parts.numbers.budget.burst;
  }

  began(kind: CallKind, key: string): void {
    const { time, story } = this.#parts;
    const line = this.#line(key);
    const now = time.mono();
    if (line.underWay) story.complain(`3: two calls under way: ${key}`);
    line.underWay = true;
    line.began = [...line.began.filter((at) => now - at < minutes(10)), now];
    if (line.began.length > mostInTenMinutes) story.complain(`18: ${line.began.length} calls in 10 minutes: ${key}`);
    if (kind === 'acquire' || kind === 'refresh') this.#checkPause(key, line);
    if (kind !== 'acquire') return;
    this.#spend();
    this.acquiredAt.set(key.slice('acquire '.length), now);
  }

  ended(key: string, verdict: Verdict<unknown>, reached: boolean): void {
    const { time } = this.#parts;
    const line = this.#line(key);
    line.underWay = false;
    const asked = key.startsWith('probe ') || key.startsWith('refresh ');
    if (asked) this.contact = { at: reached ? time.truth() : this.contact.at, reached };
    if (key.startsWith('acquire ') && verdict.type === 'ok')
      this.issuedAt.set(key.slice('acquire '.length), time.mono());
    // The session is good again: what failed for its sake has nothing to wait for any more.
    if (key.startsWith('refresh ') && verdict.type === 'ok') this.excuse();
    const failed = verdict.type === 'transient' && verdict.why !== 'aborted';
    line.failures = failed && !line.excused ? line.failures + 1 : 0;
    line.excused = false;
    line.failedAt = time.mono();
    line.easy = this.#parts.easy(key);
  }

  /** The latest call of this line began no longer ago. */
  beganWithin(key: string, ms: number): boolean {
    return this.#parts.time.mono() - (this.#line(key).began.at(-1) ?? Number.NEGATIVE_INFINITY) <= ms;
  }

  isAcquiring(): boolean {
    return [...this.#lines].some(([key, { underWay }]) => underWay && key.startsWith('acquire '));
  }

  isUnderWay(key: string): boolean {
    return this.#line(key).underWay;
  }

  /** Something happened that ends all pauses: a wake, a sign-in, the user's own wish. */
  excuse(): void {
    for (const line of this.#lines.values()) Object.assign(line, { failures: 0, excused: line.underWay });
  }

  /** The process is gone, and with it what it had under way and whatever it knew of pauses. */
  processEnded(): void {
    this.#lines.clear();
    this.#tokens = this.#parts.numbers.budget.burst;
    this.#filledAt = this.#parts.time.mono();
  }

  #line(key: string): Line {
    const known = this.#lines.get(key);
    if (known) return known;
    const line = { underWay: false, excused: false, began: [], failures: 0, failedAt: 0, easy: false };
    this.#lines.set(key, line);
    return line;
  }

  /** At least half of what the schedule says; a long pause may end where callers begin to have little left. */
  #checkPause(key: string, { failures, failedAt, easy }: Line): void {
    if (failures === 0) return;
    const pause = this.#parts.time.mono() - failedAt;
    const least = this.#scheduled(failures, easy && this.#parts.easy(key));
    if (pause >= least / 2 - 1) return;
    this.#parts.story.complain(`18: ${key} again ${Math.round(pause)} ms after failure ${failures}`);
  }

  #scheduled(failures: number, easy: boolean): number {
    const { retry, emptyRetry } = this.#parts.numbers;
    if (easy) return Math.min(retry.firstMs * 2 ** (failures - 1), retry.capMs);
    return failures === 1 ? emptyRetry.firstMs : Math.min(emptyRetry.thenMs * 2 ** (failures - 2), emptyRetry.capMs);
  }

  /** A token bucket of our own beside the broker's: what it lets through must fit into the budget. */
  #spend(): void {
    const { time, story, numbers } = this.#parts;
    const { perSecond, burst } = numbers.budget;
    this.#tokens = Math.min(burst, this.#tokens + ((time.mono() - this.#filledAt) / seconds(1)) * perSecond) - 1;
    this.#filledAt = time.mono();
    if (this.#tokens < -0.001) story.complain(`25: more calls than the budget allows`);
  }
}
