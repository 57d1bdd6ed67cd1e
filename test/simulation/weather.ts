/** What can come between the daemon and an upstream. */
import type { TransientWhy } from '../../src/core/types.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import type { Dice } from './dice.ts';
import type { Scenario } from './scenario.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Outage =
  | 'unreachable'
  | 'silent'
  | 'answers lost'
  | 'server errors'
  | 'too many requests'
  | 'captive portal';

export const outages: readonly [Outage, ...Outage[]] = [
  'unreachable',
  'silent',
  'answers lost',
  'server errors',
  'too many requests',
  'captive portal',
];

/** What becomes of one request on its way. */
export type Fate =
  | { readonly type: 'answered' }
  /** Never processed; the failure comes back at once. */
  | { readonly type: 'failed'; readonly why: TransientWhy; readonly retryAfterMs: number | null }
  /** Never processed, never answered. */
  | { readonly type: 'swallowed' }
  /** Processed; the answer is lost, and the connection with it or not. */
  | { readonly type: 'lost'; readonly reset: boolean };

const failed = (why: TransientWhy, retryAfterMs: number | null = null): Fate => ({ type: 'failed', why, retryAfterMs });

export class Weather {
  readonly #dice: Dice;
  readonly #time: VirtualTime;
  readonly #scenario: Scenario;
  #outage: Outage | null = null;
  #troubleUntil = Number.NEGATIVE_INFINITY;
  /** Nothing goes wrong any more. */
  calm = false;

  constructor(scenario: Scenario, dice: Dice, time: VirtualTime) {
    this.#scenario = scenario;
    this.#dice = dice;
    this.#time = time;
  }

  get outage(): Outage | null {
    return this.#outage;
  }

  turn(outage: Outage | null): void {
    this.#trouble(0);
    this.#outage = outage;
  }

  /** How long everything has been well, in monotonic time; negative while a pause that upstream asked for still counts. */
  healthyForMs(): number {
    return this.#outage === null ? this.#time.mono() - this.#troubleUntil : 0;
  }

  /** Decided when the request arrives where it would be answered. */
  fate(): Fate {
    const fate = this.#drawn();
    if (fate.type !== 'answered') this.#trouble(fate.type === 'failed' ? (fate.retryAfterMs ?? 0) : 0);
    return fate;
  }

  /** One way; the slow ones outlast the patience of some calls and of both together. */
  transitMs(): number {
    const { latencyMs, slowShare } = this.#scenario;
    if (this.calm || !this.#dice.chance(slowShare)) return this.#dice.between(0.1, 1) * latencyMs;
    this.#trouble(seconds(20));
    return seconds(this.#dice.between(1, 20));
  }

  #drawn(): Fate {
    const { lostShare, failedShare } = this.#scenario;
    if (this.#outage !== null) return this.#during(this.#outage);
    if (this.calm) return { type: 'answered' };
    if (this.#dice.chance(lostShare)) return { type: 'lost', reset: this.#dice.chance(0.5) };
    return this.#dice.chance(failedShare) ? this.#during(this.#dice.pick(outages)) : { type: 'answered' };
  }

  #during(outage: Outage): Fate {
    switch (outage) {
      case 'unreachable':
        return failed(this.#dice.pick(['dns', 'connect', 'tls', 'proxy']));
      case 'silent':
        return { type: 'swallowed' };
      case 'answers lost':
        return { type: 'lost', reset: this.#dice.chance(0.5) };
      case 'server errors':
        return failed('5xx', this.#dice.chance(0.2) ? seconds(this.#dice.between(1, 60)) : null);
      case 'too many requests':
        return failed('429', this.#dice.pick([null, seconds(2), seconds(40), minutes(30)]));
      case 'captive portal':
        return failed('captive-portal');
    }
  }

  #trouble(forMs: number): void {
    this.#troubleUntil = Math.max(this.#troubleUntil, this.#time.mono() + Math.min(forMs, minutes(15)));
  }
}
