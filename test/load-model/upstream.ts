/** The identity system: answers within 0.7 to 1.7 s, is out of order for a while, and counts who asks it how often. */
import { between, type Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One set of credentials, of which only its end matters here. */
export interface CredentialSet {
  readonly expiresAt: number;
}

/** Milliseconds of the day; calls that begin within it fail, as late as they would have succeeded. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export interface UpstreamOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly lifeMs: number;
  readonly outage: Outage | null;
}

const latencyMs = { min: 700, max: 1_700 };

export class Upstream {
  /** When each call began, by profile. */
  readonly calls = new Map<number, number[]>();
  /** Calls that began while another for the same profile was under way. */
  duplicates = 0;
  mostAtOnce = 0;
  readonly #options: UpstreamOptions;
  readonly #underWay = new Map<number, number>();
  readonly #issued = new Set<number>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Null is a failure that proves nothing: the connection was refused. */
  call(profile: number, answer: (set: CredentialSet | null) => void): void {
    const { time, random, lifeMs, outage } = this.#options;
    this.#begin(profile);
    const down = isWithin(outage, time.now);
    time.after(between(random, latencyMs.min, latencyMs.max), () => {
      this.#underWay.set(profile, (this.#underWay.get(profile) ?? 1) - 1);
      if (!down) this.#issued.add(profile);
      answer(down ? null : { expiresAt: time.now + lifeMs });
    });
  }

  /** Before that, whoever asks for this profile has to wait, whatever the strategy. */
  hasIssued(profile: number): boolean {
    return this.#issued.has(profile);
  }

  #begin(profile: number): void {
    const { now } = this.#options.time;
    const atOnce = (this.#underWay.get(profile) ?? 0) + 1;
    this.#underWay.set(profile, atOnce);
    this.mostAtOnce = Math.max(this.mostAtOnce, atOnce);
    if (atOnce > 1) this.duplicates += 1;
    const times = this.calls.get(profile);
    times ? times.push(now) : this.calls.set(profile, [now]);
  }
}

export const isWithin = (outage: Outage | null, at: number): boolean =>
  outage !== null && at >= outage.from && at < outage.to;
