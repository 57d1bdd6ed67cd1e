/** When nobody asks any more, renewing ends soon, and the session rests a working day later. */
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface IdleCheckParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly keepAliveMs: number;
  /** Renewals allowed without new demand. */
  readonly credits: number;
  /** When somebody last asked for this profile; monotonic. */
  readonly demandedAt: (profile: string) => number;
}

/** Demand on the warm path is noted with the next heartbeat. */
const beatMs = seconds(15);

export class IdleChecks {
  readonly #parts: IdleCheckParts;
  readonly #renewals = new Map<string, { demandedAt: number; count: number }>();
  #signedInAt = Number.NEGATIVE_INFINITY;
  readonly #usedAt = new Map<string, number>();

  constructor(parts: IdleCheckParts) {
    this.#parts = parts;
  }

  /** A call that began at `beganAt` has brought credentials. */
  renewed(profile: string, beganAt: number): void {
    const { story, credits } = this.#parts;
    const demandedAt = this.#parts.demandedAt(profile);
    if (beganAt <= demandedAt + beatMs || beganAt - this.#signedInAt < minutes(1)) return;
    const known = this.#renewals.get(profile);
    const count = known?.demandedAt === demandedAt ? known.count + 1 : 1;
    this.#renewals.set(profile, { demandedAt, count });
    story.count('renewed without demand');
    if (count > credits) story.complain(`19: ${profile} is renewed ${count} times although nobody asks`);
  }

  /** What was wanted before and had to wait is fetched now. */
  signedIn(): void {
    this.#signedInAt = this.#parts.time.mono();
  }

  /** A program, a person or another tool has used this session, or the daemon has just found it. */
  used(site: string): void {
    this.#usedAt.set(site, this.#parts.time.mono());
  }

  /** `holds`: some of its credentials may still want to be renewed, which is use as well. */
  refreshes(site: string, holds: boolean): void {
    const { time, story, keepAliveMs } = this.#parts;
    const idleMs = time.mono() - (this.#usedAt.get(site) ?? 0);
    if (!holds && idleMs > keepAliveMs + minutes(10))
      story.complain(`19: "${site}" is refreshed although nobody uses it`);
  }
}
