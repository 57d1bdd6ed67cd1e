/** While upstream answers and the session is good, programs get what they ask for, and in time. */
import type { ErrorCode } from '../../../src/core/errors.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { World } from '../world.ts';
import type { Post } from './serving.ts';

interface Course {
  /** Refusals in a row, and when they began; monotonic. */
  refusals: number;
  refusedSince: number;
  /** Something has happened since when an older refusal says nothing any more; null once it was looked at. */
  freshSince: number | null;
}

/** As long as the longest pause after failures, and a little. */
const healthyMs = minutes(7);
const patienceMs = minutes(1);

export class HealthChecks {
  readonly #world: World;
  readonly #courses = new Map<string, Course>();
  /** When the clock last leapt or the daemon last started; monotonic. */
  #upsetAt = 0;

  constructor(world: World) {
    this.#world = world;
  }

  upset(): void {
    this.#upsetAt = this.#world.time.mono();
    this.#courses.clear();
  }

  /** Check-in, sign-in, wake: whoever asks next starts an attempt, or joins one. */
  freshStart(profile: string): void {
    this.#course(profile).freshSince = this.#world.time.mono();
  }

  /** `lifetimeMs`: as the daemon reckoned when they arrived, by a clock that may have been wrong. */
  served(profile: string, leftMs: number, lifetimeMs: number): void {
    const course = this.#course(profile);
    Object.assign(course, { refusals: 0, freshSince: null });
    const { refresh } = this.#world.settings();
    const post = this.#world.post(profile);
    if (leftMs >= Math.min(refresh.softMs, lifetimeMs / 3) || !this.#shouldWork(post, healthyMs)) return;
    if (post.scenario.renewal !== 'overlap' || post.scenario.cachedUpstream || this.#world.isCrowded()) return;
    if (this.#attempted(post, patienceMs)) return;
    this.#world.story.complain(
      `21: ${profile} is served its last ${Math.round(leftMs / 1_000)} s, and nobody renews it`,
    );
  }

  refused(profile: string, code: ErrorCode): void {
    const { time, story } = this.#world;
    const course = this.#course(profile);
    const post = this.#world.post(profile);
    const { freshSince } = course;
    course.freshSince = null;
    const issuedAt = post.site.parts.calls.issuedAt.get(profile) ?? Number.NEGATIVE_INFINITY;
    const works = this.#shouldWork(post, healthyMs);
    if (issuedAt >= course.refusedSince || !works) course.refusals = 0;
    if (course.refusals === 0) course.refusedSince = time.mono();
    if (works) course.refusals += 1;
    if (post.scenario.renewal !== 'overlap' || code === 'LoginPending') return;
    const since = Math.max(course.refusedSince, this.#upsetAt);
    const long = course.refusals >= 3 && time.mono() - since > patienceMs;
    if (long) story.complain(`20: ${profile} is told ${code}, and all is well`);
    // In a crowd, one waits for one's turn.
    if (this.#world.isCrowded() || freshSince === null || !this.#isWell(post, time.mono() - freshSince)) return;
    const tried = this.#attempted(post, time.mono() - freshSince);
    if (!tried) story.complain(`22: ${profile} is told ${code} without another attempt`);
  }

  /** Nothing has been wrong for that long, and nothing needs a person. */
  #shouldWork(post: Post, forMs: number): boolean {
    const { site, scenario } = post;
    if (this.#world.time.mono() - this.#upsetAt < seconds(30)) return false;
    return !site.permissions.isForbidden(scenario.name, minutes(20)) && this.#isWell(post, forMs);
  }

  /** Upstream would answer, and give what is asked for. */
  #isWell({ scenario, site }: Post, forMs: number): boolean {
    const { time, daemon } = this.#world;
    const { weather, store, tokens, windows } = site.parts;
    const now = time.mono();
    if (this.#world.scenario.budget.perSecond < 1 || site.permissions.isForbidden(scenario.name, 0)) return false;
    if (weather.healthyForMs() < forMs || now - store.unrestAt < forMs) return false;
    if (windows.isOpen() || now - windows.closedAt < seconds(30) || windows.isSignedOut()) return false;
    const off = Math.abs(daemon.process.clock.now() - time.truth());
    return off < seconds(10) && tokens.accepted() && tokens.reckonedRight();
  }

  /** A call for it was begun lately, or is under way, or the session is looked into. */
  #attempted({ scenario, site }: Post, withinMs: number): boolean {
    const { calls } = site.parts;
    const began = calls.acquiredAt.get(scenario.name) ?? Number.NEGATIVE_INFINITY;
    const busy = [`acquire ${scenario.name}`, `release ${scenario.name}`, `refresh ${site.name}`, `probe ${site.name}`];
    // While a circuit is half open, one call of any profile speaks for all.
    const joins = calls.isAcquiring() || busy.some((key) => calls.isUnderWay(key));
    // Its answer may just be being stored.
    const asks = calls.beganWithin(`refresh ${site.name}`, seconds(15));
    return joins || asks || this.#world.time.mono() - began <= withinMs;
  }

  #course(profile: string): Course {
    const known = this.#courses.get(profile);
    if (known) return known;
    const course = { refusals: 0, refusedSince: 0, freshSince: null };
    this.#courses.set(profile, course);
    return course;
  }
}
