import type { Served } from '../../src/core/api.ts';
import { Broker } from '../../src/core/broker.ts';
import { BrokerError } from '../../src/core/errors.ts';
import { Kept } from '../../src/core/kept.ts';
import { noMemo } from '../../src/core/session-memo.ts';
import { minutes, seconds, settled } from '../support/fake-clock.ts';
import { recordingLog } from '../support/quiet-log.ts';
import { settingsWith, ssoProfile } from '../support/test-broker.ts';
import { RandomWorld } from './random-world.ts';

export type Profile = 'dev' | 'prod';
type Outcome = Served | Error;

/** A broker in a random world, and what must hold for each of its answers. */
export class RandomBroker {
  readonly world: RandomWorld;
  readonly broker: Broker;
  readonly #log = recordingLog();
  readonly #dropped = new Map<string, number>();
  readonly #last = new Map<string, Served>();
  #waiting = new Map<object, number>();
  #role = 0;
  #fired = { at: 0, times: 0 };

  constructor(seed: number) {
    this.world = new RandomWorld(seed);
    const { world } = this;
    if (world.random() < 0.7) world.store.overwrite(world.server.signIn());
    this.broker = new Broker({
      settings: this.#settings(),
      clock: world.clock,
      timers: { after: (ms, run) => world.time.after(ms, () => this.#fire(run)) },
      random: world.random,
      log: this.#log,
      seed: String(seed),
      openSession: (settings) => ({
        ...{ settings, canOpenBrowser: true, upstream: world.session(), store: world.store, memo: noMemo },
        presence: async () => 'unknown',
        saveMemo: () => {},
      }),
      openProfile: ({ name }) => ({
        renewal: 'overlap',
        prefetch: true,
        acquire: ({ record, signal }) => world.acquire(name, record, signal),
        release: async () => ({ type: 'ok', value: undefined }),
      }),
      notify: () => {},
      fingerprint: (secret) => secret,
      checkouts: new Kept({ load: () => null, save: () => {} }),
      listRoles: async () => [],
    });
  }

  close(): void {
    for (const { level, message } of this.#log.lines) if (level === 'error') this.world.complain(`logged: ${message}`);
    // Nothing is awaited: what is under way may never be answered.
    void this.broker.close();
  }

  /** The settings are loaded anew; every other time with another role for `dev`. */
  reload(): void {
    if (this.world.random() < 0.5) {
      this.#role += 1;
      this.drop('dev');
    }
    this.broker.reload(this.#settings());
  }

  #settings() {
    const dev = { ...ssoProfile('dev', 'work'), roleName: `Role${this.#role}` };
    return settingsWith({ profiles: new Map([dev, ssoProfile('prod', 'work')].map((one) => [one.name, one])) });
  }

  #fire(run: () => void): void {
    const at = this.world.time.mono();
    this.#fired = { at, times: this.#fired.at === at ? this.#fired.times + 1 : 0 };
    if (this.#fired.times > 1_000) throw new Error('timers run in circles');
    run();
  }

  drop = (...which: Profile[]): void => {
    for (const profile of which) this.#dropped.set(profile, this.world.server.tick());
    this.forget(...which);
  };

  /** What was served last says nothing about what comes. */
  forget = (...which: Profile[]): void => {
    for (const profile of which) this.#last.delete(profile);
  };

  ask(profile: Profile, holdMs: number, leavesAfterMs: number | null = null): Promise<Outcome> {
    const { world } = this;
    const warm = this.broker.peek(profile);
    if (warm) return Promise.resolve(this.#served(profile, warm));
    const caller = new AbortController();
    this.#waiting.set(caller, world.time.mono() + holdMs);
    if (leavesAfterMs !== null) world.time.after(leavesAfterMs, () => caller.abort(new Error('hung up')));
    const dropped = this.#dropped.get(profile);
    const answer = this.broker.get(profile, { holdMs, signal: caller.signal }).then(
      (served) => this.#served(profile, served),
      (error: Error) => this.#refused(profile, error, dropped === this.#dropped.get(profile)),
    );
    return answer.finally(() => this.#waiting.delete(caller));
  }

  /** Time passes, with a heartbeat every 15 s. */
  async pass(ms: number): Promise<void> {
    const { world } = this;
    for (let left = ms; left > 0 && world.complaints.length === 0; left -= seconds(15)) {
      await world.time.pass(Math.min(left, seconds(15)));
      this.broker.beat();
      await settled();
      this.watch();
      const late = [...this.#waiting.values()].some((deadline) => world.time.mono() > deadline);
      if (late) world.complain('5: a caller is not answered within its hold');
    }
  }

  /** A sign-out elsewhere is noticed a little later, and ends what was served before it. */
  watch(): void {
    if (this.broker.sessions()[0]?.state === 'signed-out') this.forget('dev', 'prod');
  }

  #served(profile: Profile, served: Served): Served {
    const { world } = this;
    const { AccessKeyId } = JSON.parse(new TextDecoder().decode(served.process));
    const last = this.#last.get(profile);
    world.tell(`${profile} is served generation ${served.generation}`);
    if (served.expiresAt <= world.time.now()) world.complain('1: expired credentials are served');
    if (served.expiresAt - seconds(60) < world.clock.now()) world.complain('2: credentials below the floor are served');
    const stale = (world.startedAt.get(AccessKeyId) ?? 0) < (this.#dropped.get(profile) ?? 0);
    if (stale) world.complain('6: credentials from before a drop are served');
    const backwards = last && (served.generation < last.generation || served.expiresAt < last.expiresAt);
    if (backwards) world.complain('7: what is served goes backwards');
    this.#last.set(profile, served);
    return served;
  }

  #refused(profile: Profile, error: Error, same: boolean): Error {
    const { world } = this;
    if (!(error instanceof BrokerError)) return error;
    world.tell(`${profile} is told ${error.code}: ${error.message}`);
    const state = this.broker.profiles().find(({ name }) => name === profile)?.state;
    const servable = state === 'fresh' || state === 'due' || state === 'short';
    if (servable && same && error.code !== 'ProfileNotFound') world.complain(`4: ${error.code} while it is ${state}`);
    if (error.code !== 'LoginRequired' || error.message.startsWith('Signed out') || world.store.unreadable)
      return error;
    const clockIsRight = Math.abs(world.clock.now() - world.time.now()) < minutes(1);
    if (clockIsRight && world.server.takesRefresh(world.store.known)) world.complain('12: LoginRequired, needlessly');
    return error;
  }
}
