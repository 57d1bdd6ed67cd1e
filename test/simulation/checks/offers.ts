/** Where a session needs a person, that person is asked before running programs fail, not after. */
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { World } from '../world.ts';
import type { Post } from './serving.ts';

/** As early as a window may open, and some more for looking and asking first. */
const offerMs = minutes(12);
/** Long enough to be asked in, if all is well for so long before the credentials run out. */
const chanceMs = minutes(7);
/** A program that is in use asks at least this often towards the end of its credentials. */
const gapMs = seconds(150);

interface Use {
  since: number;
  latest: number;
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

  served(profile: string): void {
    const now = this.#world.time.mono();
    const use = this.#uses.get(profile);
    if (!use || now - use.latest > gapMs) this.#uses.set(profile, { since: now, latest: now });
    else use.latest = now;
  }

  /** Nothing can be handed out any more, for want of a sign-in. */
  refused(profile: string): void {
    const { time, story } = this.#world;
    const use = this.#uses.get(profile);
    this.#uses.delete(profile);
    const post = this.#world.post(profile);
    if (!use || time.mono() - use.latest > gapMs || post.scenario.renewal !== 'overlap') return;
    if (time.mono() - use.since < chanceMs) return;
    const offered = time.mono() - post.site.parts.windows.openedAt <= offerMs;
    if (offered) story.count('offered in time');
    else if (this.#couldHaveAsked(post))
      story.complain(`offer: ${profile} ran out while its user was there, and nobody asked them`);
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
