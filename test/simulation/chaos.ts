/**
 * Brings mishaps about at random times. Each seed leaves out about a third of the kinds: worlds that have everything at
 * once hide what only a few things together bring about.
 */
import type { Dice } from './dice.ts';
import { type Mishap, mishaps } from './mishaps.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

export class Chaos {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #kinds: readonly Mishap[];
  #over = false;

  constructor(world: World) {
    this.#world = world;
    this.#dice = world.dice.fork();
    this.#kinds = mishaps.filter(() => this.#dice.chance(0.65));
  }

  begin(): void {
    const { time, scenario } = this.#world;
    time.after(this.#dice.wait(scenario.chaosEveryMs), () => {
      if (this.#over) return;
      this.#strike();
      this.begin();
    });
  }

  /** From now on all is well. */
  end(): void {
    this.#over = true;
    const { sites, time, person, daemon } = this.#world;
    for (const { permissions, parts } of sites.values()) {
      parts.weather.calm = true;
      parts.weather.turn(null);
      permissions.allowAll();
      for (const what of ['unreadable', 'readOnly', 'torn'] as const) parts.store.set(what, false);
    }
    daemon.disarm();
    time.skewMs = 0;
    this.#world.observer.leapt();
    person.return();
  }

  #strike(): void {
    const total = this.#kinds.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.#dice.next() * total;
    for (const [weight, name, happen] of this.#kinds) {
      at -= weight;
      if (at >= 0) continue;
      this.#world.story.note('chaos', name);
      this.#world.story.count(`chaos ${name}`);
      happen(this.#world, this.#dice, this.#site());
      this.#world.time.stir();
      return;
    }
  }

  #site(): Site {
    const all = [...this.#world.sites.values()];
    return all[Math.floor(this.#dice.next() * all.length)] ?? this.#world.site('work');
  }
}
