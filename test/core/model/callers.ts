/** The programs that ask, what they were served last, and whether each answer may be what it is. */
import type { Served } from '../../../src/core/api.ts';
import type { Broker } from '../../../src/core/broker.ts';
import { BrokerError } from '../../../src/core/errors.ts';
import { type FakeClock, minutes, seconds } from '../../support/fake-clock.ts';

export interface Hearing {
  readonly clock: FakeClock;
  /** Effective time as the broker has it, which its floor goes by. */
  readonly believed: () => number;
  /** The server would take the session as it is stored. */
  readonly taken: () => boolean;
  readonly signedOut: () => boolean;
  readonly complain: (what: string) => void;
}

interface Ask {
  readonly profile: string;
  readonly holdMs: number;
  readonly renew: boolean;
}

export class Callers {
  readonly #hearing: Hearing;
  #waiting = new Map<object, number>();
  readonly #served = new Map<string, Served>();
  /** How long the broker may hand out what it has been given since the last drop. */
  readonly #given = new Map<string, number>();
  readonly #droppedAt = new Map<string, number>();
  readonly #startedAt = new Map<string, number>();

  constructor(hearing: Hearing) {
    this.#hearing = hearing;
  }

  /** Credentials have reached the broker, from a call that began at `started`. */
  give(profile: string, { accessKeyId, expiresAt }: { accessKeyId: string; expiresAt: number }, started: number): void {
    this.#startedAt.set(accessKeyId, started);
    this.#given.set(profile, Math.max(this.#given.get(profile) ?? 0, expiresAt));
  }

  /** Nothing from before `serial` may be served any more. */
  drop(profile: string, serial: number): void {
    this.#droppedAt.set(profile, serial);
    this.#given.delete(profile);
    this.#served.delete(profile);
  }

  /** The daemon has died, and with it what it held. */
  hangUp(): void {
    this.#waiting = new Map();
    this.#given.clear();
    this.#served.clear();
  }

  async ask(broker: Broker, { profile, holdMs, renew }: Ask): Promise<Served | Error | null> {
    const warm = renew ? null : broker.peek(profile);
    if (warm) return this.#checkServed(profile, warm);
    const caller = new AbortController();
    const waiting = this.#waiting;
    waiting.set(caller, this.#hearing.clock.mono() + holdMs);
    const dropped = this.#droppedAt.get(profile);
    // Whoever asks for a new set gives up the old one, and may be handed one that ends sooner.
    if (renew) this.#served.delete(profile);
    try {
      const asked = renew
        ? broker.renew(profile, { holdMs, signal: caller.signal })
        : broker.get(profile, { holdMs, signal: caller.signal });
      const served = await asked;
      return waiting === this.#waiting ? this.#checkServed(profile, served) : null;
    } catch (error) {
      const since = waiting === this.#waiting && dropped === this.#droppedAt.get(profile);
      if (since) this.#checkRefused(profile, error, renew);
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      waiting.delete(caller);
    }
  }

  /** What the broker believes to have expired it does not keep. */
  forgetExpired(): void {
    for (const [profile, expiresAt] of this.#given) {
      if (expiresAt <= this.#hearing.believed()) this.#given.delete(profile);
    }
  }

  checkHolds(): void {
    const late = [...this.#waiting.values()].some((deadline) => this.#hearing.clock.mono() > deadline);
    if (late) this.#hearing.complain('a caller is not answered within its hold');
  }

  #checkServed(profile: string, served: Served): Served {
    const { clock, believed, complain } = this.#hearing;
    const { AccessKeyId } = JSON.parse(new TextDecoder().decode(served.process));
    const last = this.#served.get(profile);
    if (served.expiresAt <= clock.now()) complain(`${profile} is served what has expired`);
    if (served.expiresAt - believed() <= floorMs(profile)) complain(`${profile} is served what is below its floor`);
    const started = this.#startedAt.get(AccessKeyId) ?? 0;
    if (started < (this.#droppedAt.get(profile) ?? 0)) complain(`${profile} is served what is from before a drop`);
    const backwards = last && (served.generation < last.generation || served.expiresAt < last.expiresAt);
    if (backwards) complain(`${profile} goes backwards`);
    this.#served.set(profile, served);
    return served;
  }

  #checkRefused(profile: string, error: unknown, renew: boolean): void {
    const { clock, believed, complain, taken, signedOut } = this.#hearing;
    if (!(error instanceof BrokerError)) return complain(`${profile} is answered with ${error}`);
    const left = (this.#given.get(profile) ?? 0) - believed();
    if (!renew && left > floorMs(profile)) complain(`${profile} is told ${error.code} with ${left} ms left`);
    const clockIsRight = Math.abs(believed() - clock.now()) < minutes(1);
    const needless = error.code === 'LoginRequired' && clockIsRight && !signedOut() && taken();
    if (needless) complain(`${profile} is told to sign in although the server takes the session`);
  }
}

const floorMs = (profile: string): number => (profile === 'vault' ? seconds(5) : minutes(1));
