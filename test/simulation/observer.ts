/** Tells the checks that look at the whole world what has happened in it. */
import type { BrokerError } from '../../src/core/errors.ts';
import { HealthChecks } from './checks/health.ts';
import { IdleChecks } from './checks/idle.ts';
import { OfferChecks } from './checks/offers.ts';
import type { SecretChecks } from './checks/secrets.ts';
import { WakeChecks } from './checks/wakes.ts';
import type { World } from './world.ts';

/** Views are looked through this often; beats. */
const lookEvery = 60;

export class Observer {
  readonly idle: IdleChecks;
  readonly #world: World;
  readonly #secrets: SecretChecks;
  readonly #health: HealthChecks;
  readonly #wakes: WakeChecks;
  readonly #offers: OfferChecks;
  /** Since the latest beat: the clock has leapt, the machine has slept. */
  #leapt = false;
  #slept = false;
  #leaptAt = 0;
  #beats = 0;

  constructor(world: World, secrets: SecretChecks) {
    this.#world = world;
    this.#secrets = secrets;
    this.#health = new HealthChecks(world);
    this.#wakes = new WakeChecks(world);
    this.#offers = new OfferChecks(world);
    const demandedAt = (profile: string): number => world.serving.demandedAt(profile);
    const { time, story } = world;
    const { keepAliveMs } = world.settings().refresh;
    this.idle = new IdleChecks({ time, story, keepAliveMs, credits: 1, demandedAt });
  }

  asked(profile: string): void {
    this.idle.used(this.#world.post(profile).site.name);
  }

  served(profile: string, leftMs: number, lifetimeMs: number): void {
    this.#health.served(profile, leftMs, lifetimeMs);
    this.#offers.served(profile, leftMs);
  }

  refused(profile: string, { code, message }: BrokerError): void {
    this.#secrets.look('message', message);
    // Who waited while somebody else checked it in has not asked anew.
    if (!message.includes('was checked in')) this.#health.refused(profile, code);
  }

  checkedIn(profile: string): void {
    this.#health.freshStart(profile);
  }

  signedIn(site: string): void {
    this.idle.signedIn();
    this.#world.site(site).parts.calls.excuse();
    for (const { scenario } of this.#world.posts.values()) {
      if (scenario.site === site) this.#health.freshStart(scenario.name);
    }
  }

  /** The machine was asleep. */
  woke(): void {
    this.#slept = true;
    this.#wakes.woke();
  }

  /** The clock was set, by somebody or by a server's date. What the daemon makes of it, it does at its next beat. */
  leapt(): void {
    this.#leapt = true;
    this.#leaptAt = this.#world.time.mono();
    this.#health.upset();
    this.#world.serving.clockLeapt();
    this.#world.excuse();
  }

  /** The clock has leapt, or the daemon was started, later than that; monotonic. */
  leaptSince(at: number): boolean {
    return this.#leaptAt > at;
  }

  started(): void {
    const { daemon, time, sites } = this.#world;
    const { process } = daemon;
    this.leapt();
    this.#leapt = false;
    // Its predecessor's clock may have been set right since it was started.
    const skewed = time.skewMs !== 0;
    const startedAt = time.mono();
    for (const { parts, name } of sites.values()) {
      this.idle.used(name);
      const same = (): boolean => process.alive && process.serving && !this.leaptSince(startedAt);
      if (!skewed && !parts.windows.isSignedOut()) parts.tokens.processStarted(() => same() && !parts.windows.isOpen());
    }
  }

  beats(): void {
    const { posts, story, daemon } = this.#world;
    if (this.#leapt) this.#world.excuse();
    if (this.#slept) for (const profile of posts.keys()) this.#health.freshStart(profile);
    this.#leapt = false;
    this.#slept = false;
    this.#offers.sample();
    this.#beats += 1;
    if (this.#beats % lookEvery !== 0) return;
    const { broker } = daemon.process;
    for (const { upstream } of broker.sessions()) story.count(`circuit ${upstream.state}`);
    this.#secrets.look('view', JSON.stringify([broker.sessions(), broker.profiles()]));
  }
}
