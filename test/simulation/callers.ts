/** Programs that ask for credentials the way SDKs do: each keeps what it got until its own clock tells it to ask again. */
import type { Served } from '../../src/core/api.ts';
import { BrokerError } from '../../src/core/errors.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import type { ServingChecks } from './checks/serving.ts';
import type { Daemon } from './daemon.ts';
import type { Dice } from './dice.ts';
import { busy, type Sdk, sdks } from './sdks.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface CallerParts {
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly checks: ServingChecks;
  readonly profiles: readonly string[];
}

export class Callers {
  readonly #parts: CallerParts;
  /** Nobody works: programs that run on stop asking. */
  #idleUntil = 0;
  #closed = false;
  #cut = (): void => {};
  /** Resolves when the process that is asked has died. */
  #cutOff: Promise<null> = new Promise(() => {});

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.processEnded();
  }

  /** A few programs, each with one profile. */
  hire(): void {
    const { dice, profiles } = this.#parts;
    for (const profile of profiles) {
      if (profiles.length === 1) for (const sdk of busy) this.#begin(sdk, profile);
      const count = profiles.length > 6 ? 1 : Math.floor(dice.between(0.4, 3));
      for (let at = 0; at < count; at++) this.#begin(dice.pick(sdks), profile);
    }
  }

  rest(ms: number): void {
    this.#idleUntil = this.#parts.time.mono() + ms;
  }

  get resting(): boolean {
    return this.#closed || this.#parts.time.mono() < this.#idleUntil;
  }

  close(): void {
    this.#closed = true;
  }

  /** The daemon has died: no connection to it will ever bring anything. */
  processEnded(): void {
    this.#cut();
    this.#cutOff = new Promise((resolve) => {
      this.#cut = () => resolve(null);
    });
  }

  /** Many at once, some of whom do not stay for the answer. */
  storm(profile: string, size: number): void {
    const { dice } = this.#parts;
    for (let at = 0; at < size; at++) {
      const leavesAfterMs = dice.chance(0.3) ? seconds(dice.between(0, 3)) : null;
      void this.ask(profile, dice.pick([10, 800, 4_500, seconds(30), seconds(120)]), leavesAfterMs);
    }
  }

  /** One request, as the routes carry it: the warm path first, which answers at once. */
  ask(profile: string, holdMs: number, leavesAfterMs: number | null = null): Answer | Promise<Answer> {
    const { daemon, checks } = this.#parts;
    if (!daemon.serving) return 'nothing';
    const { process } = daemon;
    checks.asks(profile);
    try {
      const warm = process.broker.peek(profile);
      // What the process has died of never reaches anybody.
      if (!process.alive) return 'nothing';
      if (warm) {
        checks.served(profile, warm);
        return warm;
      }
    } catch (error) {
      checks.refused(profile, error, holdMs);
      return 'nothing';
    }
    return this.#wait({ profile, holdMs, leavesAfterMs, forced: false });
  }

  /** `checkout --force`. */
  async renew(profile: string): Promise<void> {
    const { daemon, story } = this.#parts;
    if (!daemon.serving) return;
    story.note('person', `forces new credentials for ${profile}`);
    await this.#wait({ profile, holdMs: seconds(20), leavesAfterMs: null, forced: true });
  }

  async #wait(request: Request): Promise<Answer> {
    const { daemon, checks, time } = this.#parts;
    const { profile, holdMs, leavesAfterMs, forced } = request;
    const { process } = daemon;
    const { broker } = process;
    const leaving = new AbortController();
    const visit = checks.waits(profile, holdMs, forced);
    if (leavesAfterMs !== null) {
      time.after(leavesAfterMs, () => {
        time.stir();
        if (process.alive) leaving.abort(new Error('hung up'));
      });
    }
    time.stir();
    const options = { holdMs, signal: leaving.signal };
    const answer = forced ? broker.renew(profile, options) : broker.get(profile, options);
    try {
      const served = await Promise.race([answer, this.#cutOff]);
      if (!served) return 'nothing';
      checks.answered(visit);
      checks.served(profile, served);
      return served;
    } catch (error) {
      checks.answered(visit);
      if (leaving.signal.aborted && !(error instanceof BrokerError)) return 'nothing';
      if (forced) checks.disappointed(profile, error);
      else checks.refused(profile, error, holdMs);
      return error instanceof BrokerError && error.status < 500 ? 'refused' : 'nothing';
    } finally {
      time.stir();
    }
  }

  #begin(sdk: Sdk, profile: string): void {
    const { dice, time } = this.#parts;
    time.after(dice.between(0, minutes(10)), () => this.#work(sdk, profile, 0));
  }

  #work(sdk: Sdk, profile: string, tries: number): void {
    const { dice, time } = this.#parts;
    if (this.#closed) return;
    if (this.resting) {
      const wait = this.#idleUntil - time.mono() + dice.between(0, minutes(2));
      time.after(wait, () => this.#work(sdk, profile, 0));
      return;
    }
    const answer = this.ask(profile, sdk.holdMs, dice.chance(0.03) ? dice.between(0, sdk.holdMs) : null);
    if (!(answer instanceof Promise)) return this.#comeBack({ sdk, profile, tries }, answer);
    answer.then((late) => this.#comeBack({ sdk, profile, tries }, late)).catch(this.#parts.checks.broken);
  }

  /** When an SDK of its kind would. */
  #comeBack({ sdk, profile, tries }: Job, answer: Answer): void {
    const { dice, time, story } = this.#parts;
    const again = (ms: number, next: number): void => {
      time.after(ms, () => this.#work(sdk, profile, next));
    };
    if (typeof answer !== 'string') {
      const left = answer.expiresAt - time.wall();
      const pause = Math.min(Math.max(0, left - sdk.windowMs(left)), hours(2));
      return again(pause + dice.wait(sdk.everyMs), 0);
    }
    if (tries < (answer === 'refused' ? sdk.retriesOfRefusals : sdk.retries)) return again(seconds(1), tries + 1);
    story.count(`${sdk.name} gave up`);
    again(dice.wait(sdk.everyMs + minutes(4)), 0);
  }
}

/** Refused: asking again will not help. Nothing: it may. */
type Answer = Served | 'refused' | 'nothing';

interface Job {
  readonly sdk: Sdk;
  readonly profile: string;
  readonly tries: number;
}

interface Request {
  readonly profile: string;
  readonly holdMs: number;
  readonly leavesAfterMs: number | null;
  readonly forced: boolean;
}
