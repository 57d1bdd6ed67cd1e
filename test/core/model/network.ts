/** The way between broker and upstream: it takes time, fails in every manner, and counts what is asked. */
import { type ServerMs, serverTime, type Verdict } from '../../../src/core/types.ts';
import { type FakeClock, minutes, seconds } from '../../support/fake-clock.ts';
import { transient } from '../../support/fake-upstream.ts';
import type { Truth } from './truth.ts';

interface Told {
  readonly complain: (what: string) => void;
  readonly anchor: (server: ServerMs, rttMs: number) => void;
}

interface Traffic {
  underWay: number;
  at: readonly number[];
}

export interface Call<T> {
  /** What may be asked once at a time. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** Takes effect where the request arrives. */
  readonly serve: () => Verdict<T>;
}

const halfWayMs = 100;

export class Network {
  /** When the sign-in service last gave an answer that came through, and whether the last attempt did. */
  contact = { at: Number.NEGATIVE_INFINITY, reached: false };
  readonly #clock: FakeClock;
  readonly #truth: Truth;
  readonly #told: Told;
  #traffic = new Map<string, Traffic>();

  constructor(clock: FakeClock, truth: Truth, told: Told) {
    this.#clock = clock;
    this.#truth = truth;
    this.#told = told;
  }

  /** The process that asked has died: nothing it waited for counts any more. */
  hangUp(): void {
    for (const traffic of this.#traffic.values()) traffic.underWay = 0;
    this.#traffic = new Map();
  }

  call<T>({ key, signal, serve }: Call<T>): Promise<Verdict<T>> {
    const traffic = this.#count(key);
    return new Promise((resolve) => {
      let done = false;
      const finish = (verdict: Verdict<T>, reached: boolean): void => {
        if (done) return;
        done = true;
        traffic.underWay -= 1;
        if (reached) this.#told.anchor(serverTime(this.#clock.now()), 0);
        if (key === 'refresh' || key === 'probe') this.contact = { at: this.#clock.mono(), reached };
        resolve(verdict);
      };
      signal.addEventListener('abort', () => finish({ type: 'ambiguous', detail: 'given up' }, false));
      this.#clock.after(halfWayMs, () => this.#arrive(serve, finish));
    });
  }

  #arrive<T>(serve: Call<T>['serve'], finish: (verdict: Verdict<T>, reached: boolean) => void): void {
    const { outage } = this.#truth;
    if (outage === 'down') return finish(transient(), false);
    if (outage === '5xx' || outage === '429') {
      const answer = {
        type: 'transient',
        why: outage,
        detail: '',
        retryAfterMs: outage === '429' ? seconds(40) : null,
      } as const;
      return void this.#clock.after(halfWayMs, () => finish(answer, true));
    }
    if (outage === 'hangs') return;
    const verdict = serve();
    const lost = outage === 'lost' || this.#truth.losing > 0;
    if (outage !== 'lost' && lost) this.#truth.losing -= 1;
    if (lost) return finish({ type: 'ambiguous', detail: 'no answer' }, false);
    this.#clock.after(halfWayMs, () => finish(verdict, true));
  }

  #count(key: string): Traffic {
    const now = this.#clock.mono();
    const traffic = this.#traffic.get(key) ?? { underWay: 0, at: [] };
    this.#traffic.set(key, traffic);
    traffic.underWay += 1;
    traffic.at = [...traffic.at.filter((at) => now - at < minutes(10)), now];
    if (traffic.underWay > 1) this.#told.complain(`two calls for ${key} are under way`);
    if (traffic.at.length > 45) this.#told.complain(`${traffic.at.length} calls in ten minutes for ${key}`);
    return traffic;
  }
}
