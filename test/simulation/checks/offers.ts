/** Where a session needs a person, that person is asked before running programs fail, not after. */
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import type { World } from '../world.ts';
import type { Post } from './serving.ts';

/** Looked at when this much is left: some minutes after a window might have opened, and before programs begin to wait. */
const lookMs = minutes(6);
/** All that is needed must have been so for that long: time enough to look whether somebody is there, and to ask upstream. */
const chanceMs = minutes(3);
/** A program that is in use asks at least this often towards the end of its credentials. */
const gapMs = seconds(100);

interface Use {
  since: number;
  latest: number;
  looked: boolean;
}

export class OfferChecks {
  readonly #world: World;
  readonly #uses = new Map<string, Use>();
  /** Since when the server refuses everything there is, by site; monotonic. */
  readonly #refusedSince = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Once a heartbeat. */
  sample(): void {
    const now = this.#world.time.mono();
    for (const { name, parts } of this.#world.sites.values()) {
      if (parts.tokens.stillGood() !== null) this.#refusedSince.delete(name);
      else if (!this.#refusedSince.has(name)) this.#refusedSince.set(name, now);
    }
  }

  served(profile: string, leftMs: number): void {
    const now = this.#world.time.mono();
    const known = this.#uses.get(profile);
    const goesOn = known !== undefined && now - known.latest <= gapMs && leftMs < minutes(15);
    const use = goesOn ? known : { since: now, latest: now, looked: false };
    use.latest = now;
    this.#uses.set(profile, use);
    if (leftMs > lookMs || use.looked) return;
    use.looked = true;
    if (now - use.since >= chanceMs) this.#look(profile);
  }

  #look(profile: string): void {
    const { time, story } = this.#world;
    const post = this.#world.post(profile);
    const { windows } = post.site.parts;
    if (post.scenario.renewal !== 'overlap' || post.scenario.lifeMs < hours(1)) return;
    if (time.mono() - windows.openedAt <= this.#world.settings().refresh.login.offerBeforeMs)
      return story.count('offered in time');
    if (!this.#couldHaveAsked(post)) return;
    story.complain(`offer: ${profile} is about to run out while its user is there, and nobody asked them`);
  }

  #couldHaveAsked({ scenario, site }: Post): boolean {
    const { time, person } = this.#world;
    const { weather, store, windows } = site.parts;
    const now = time.mono();
    const refused = now - (this.#refusedSince.get(site.name) ?? now);
    if (refused < chanceMs || weather.healthyForMs() < chanceMs || now - store.unrestAt < chanceMs) return false;
    if (
      person.presentForMs() < chanceMs ||
      !windows.freeFor(chanceMs) ||
      this.#world.observer.leaptSince(now - chanceMs)
    )
      return false;
    return !site.permissions.isForbidden(scenario.name, minutes(20));
  }
}
