/** After a sleep, what was in use and is due is renewed soon, without anybody asking. */
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { World } from '../world.ts';
import type { Post } from './serving.ts';

/** One heartbeat, the spread of renewals that nobody waits for, and one call. */
const renewalMs = seconds(15) + seconds(20) + seconds(10);

export class WakeChecks {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The machine has just woken up. */
  woke(): void {
    const { posts, daemon, time } = this.#world;
    if (!daemon.serving) return;
    const { process } = daemon;
    const hot = [...posts.values()].filter((post) => this.#isHot(post));
    const wokeAt = time.mono();
    time.after(renewalMs, () => {
      if (!process.alive || !process.serving) return;
      for (const post of hot) this.#look(post, wokeAt);
    });
  }

  /** Due, asked for lately, and not renewed since. */
  #isHot(post: Post): boolean {
    const { time, serving, daemon } = this.#world;
    const { scenario, site } = post;
    const { calls } = site.parts;
    const asked = serving.demandedAt(scenario.name);
    const acquired = calls.acquiredAt.get(scenario.name) ?? Number.NEGATIVE_INFINITY;
    const lately = time.mono() - asked < minutes(10) && time.mono() - asked > seconds(20);
    const state = daemon.process.broker.profiles().find(({ name }) => name === scenario.name)?.state;
    if (state !== 'due' && state !== 'short') return false;
    return scenario.renewal === 'overlap' && !scenario.cachedUpstream && lately && acquired < asked - minutes(1);
  }

  #look({ scenario, site }: Post, wokeAt: number): void {
    const { time, daemon, story } = this.#world;
    const { weather, tokens, store, calls, windows } = site.parts;
    const quiet = time.mono() - wokeAt + minutes(1);
    const upset = weather.healthyForMs() < quiet || time.mono() - store.unrestAt < quiet || windows.isSignedOut();
    if (
      upset ||
      site.permissions.isForbidden(scenario.name, minutes(20)) ||
      !tokens.accepted() ||
      !tokens.reckonedRight()
    )
      return;
    if (this.#world.observer.leaptSince(wokeAt)) return;
    const state = daemon.process.broker.profiles().find(({ name }) => name === scenario.name)?.state;
    const renewed = (calls.acquiredAt.get(scenario.name) ?? 0) > wokeAt;
    story.count('looked at after a wake');
    if (!renewed && (state === 'due' || state === 'short')) {
      story.complain(`23: ${scenario.name} is ${state} and not renewed ${renewalMs / 1_000} s after a wake`);
    }
  }
}
