/** The user: there or not, answers the windows that open or lets them be, and has wishes of their own. */
import type { LoginOutcome, LoginRequest, Presence } from '../../src/core/types.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import type { Daemon } from './daemon.ts';
import type { Dice } from './dice.ts';
import type { PersonScenario } from './scenario.ts';
import type { Site } from './site.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface PersonParts {
  readonly scenario: PersonScenario;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly site: (name: string) => Site;
  /** The sign-in to this site is done. */
  readonly signedIn: (site: string) => void;
}

interface Window {
  readonly site: string;
  /** Does nothing once it is closed; only then is the outcome worked out. */
  readonly answer: (outcome: () => LoginOutcome) => void;
}

export class Person {
  readonly #parts: PersonParts;
  #awaySince: number | null = null;
  #presentSince = Number.NEGATIVE_INFINITY;
  #asking = false;
  /** When the system last took its time to say who is there, or could not. */
  #puzzledAt = Number.NEGATIVE_INFINITY;
  #windows: readonly Window[] = [];

  constructor(parts: PersonParts) {
    this.#parts = parts;
  }

  get isAway(): boolean {
    return this.#awaySince !== null;
  }

  /** As far as the machine could know it lately; monotonic. */
  knownAwaySince = (): number | null => {
    const { scenario, time } = this.#parts;
    const knows = scenario.knowsPresence && time.mono() - this.#puzzledAt > minutes(1);
    return knows ? this.#awaySince : null;
  };

  presentForMs(): number {
    return this.isAway ? 0 : this.#parts.time.mono() - this.#presentSince;
  }

  /** What the system says when asked; it may not answer at all. */
  presence = (): Promise<Presence> => {
    const { scenario, dice, time, daemon } = this.#parts;
    const { process } = daemon;
    const looks = dice.chance(0.1) ? seconds(dice.between(0, 4)) : 0;
    const value: Presence = !scenario.knowsPresence ? 'unknown' : this.isAway ? 'away' : 'present';
    if (looks === 0) return Promise.resolve(value);
    this.#puzzledAt = time.mono();
    return new Promise((resolve, reject) => {
      time.after(looks, () => {
        if (!process.alive) return;
        time.stir();
        looks > seconds(3) ? reject(new Error('no screen')) : resolve(value);
      });
    });
  };

  leave(): void {
    if (this.isAway) return;
    this.#parts.story.note('person', 'leaves');
    this.#awaySince = this.#parts.time.mono();
  }

  return(): void {
    if (!this.isAway) return;
    this.#parts.story.note('person', 'is back');
    this.#awaySince = null;
    this.#presentSince = this.#parts.time.mono();
    for (const window of this.#windows) this.#react(window);
  }

  /** Comes to work now and then, and signs in where programs would fail without it. */
  begin(sites: readonly string[]): void {
    const { dice, time, scenario, daemon } = this.#parts;
    if (!dice.chance(scenario.diligence)) return;
    const look = (): void => {
      time.after(dice.wait(minutes(25)), look);
      if (this.isAway || !daemon.serving) return;
      for (const { name, state } of daemon.process.broker.sessions()) {
        if (sites.includes(name) && (state === 'login-required' || state === 'signed-out')) this.login(name, null);
      }
    };
    look();
  }

  /** `credbroker login`, by a person who waits for it or gives up after a while. */
  login(name: string, patienceMs: number | null): void {
    const { dice, time, story, daemon, site } = this.#parts;
    if (!daemon.serving) return;
    const leaving = new AbortController();
    const { process } = daemon;
    const leave = (): void => {
      time.stir();
      if (process.alive) leaving.abort(new Error('left'));
    };
    if (patienceMs !== null) time.after(patienceMs, leave);
    story.note('person', `runs credbroker login ${name}`);
    this.return();
    site(name).parts.windows.userAsks();
    const flow = dice.pick(['browser', 'device'] as const);
    const options = { flow, openBrowser: true, token: null, prompt: () => {}, signal: leaving.signal };
    this.#asking = true;
    daemon.process.broker.login(name, options).catch((error: unknown) => this.#heard(error));
    this.#asking = false;
    time.stir();
  }

  /** The adapter's end of a sign-in. */
  openWindow(name: string, { signal, prompt }: LoginRequest): Promise<LoginOutcome> {
    const { daemon, site } = this.#parts;
    const { process } = daemon;
    daemon.passing('window opening');
    if (!process.alive) return new Promise(() => {});
    const { windows } = site(name).parts;
    windows.opened(this.#asking);
    prompt({ kind: 'browser', url: 'https://example.awsapps.com/start', opened: true });
    return new Promise((resolve) => {
      const answer = (outcome: () => LoginOutcome): void => {
        if (!this.#windows.includes(window)) return;
        this.#windows = this.#windows.filter((other) => other !== window);
        if (!process.alive) return;
        const said = outcome();
        windows.ended(said);
        if (said.type === 'ok') this.#parts.signedIn(name);
        this.#parts.time.stir();
        resolve(said);
      };
      const window = { site: name, answer };
      this.#windows = [...this.#windows, window];
      signal.addEventListener('abort', () => answer(() => ({ type: 'unanswered', detail: 'it was given up' })));
      if (this.#asking || !this.isAway) this.#react(window);
    });
  }

  /** Whatever is open is finished now. */
  finish(): void {
    for (const window of this.#windows) window.answer(() => this.#finished(window));
  }

  #react(window: Window): void {
    const { dice, time, scenario } = this.#parts;
    const { finished, declined } = scenario.answers;
    const luck = dice.next();
    if (luck >= finished + declined) return;
    const outcome = (): LoginOutcome =>
      luck < finished ? this.#finished(window) : { type: 'declined', detail: 'the person said no' };
    time.after(dice.between(seconds(3), minutes(3)), () => {
      if (!this.isAway) window.answer(outcome);
    });
  }

  #finished({ site: name }: Window): LoginOutcome {
    const { time, daemon, site } = this.#parts;
    const { server, weather, tokens, notices, idle } = site(name).parts;
    if (weather.outage !== null) {
      const verdict = { type: 'transient', why: 'connect', detail: 'no connection', retryAfterMs: null } as const;
      return { type: 'failed', verdict };
    }
    daemon.anchor(daemon.process, time.truth(), 100);
    const issued = site(name).recordOf(site(name).state(server.signIn()));
    tokens.delivered(issued.record);
    notices.settled();
    idle.used(name);
    return { type: 'ok', ...issued };
  }

  #heard(error: unknown): void {
    this.#parts.story.tell(`the person is told: ${String(error)}`);
  }
}
