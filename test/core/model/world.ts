/** A real broker between a server that knows the truth, a token file, a person and callers; each complains about what must not be. */
import { EffectiveClock } from '../../../src/adapters/effective-clock.ts';
import { Broker } from '../../../src/core/broker.ts';
import { Kept, type KeptValues } from '../../../src/core/kept.ts';
import { noMemo, type SessionMemo } from '../../../src/core/session-memo.ts';
import type { Checkout } from '../../../src/core/types.ts';
import { type FakeClock, seconds, settled } from '../../support/fake-clock.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { noErrands, settingsWith, ssoProfile } from '../../support/test-broker.ts';
import { Callers } from './callers.ts';
import { Network } from './network.ts';
import { Person } from './person.ts';
import { TokenFile } from './token-file.ts';
import type { Truth } from './truth.ts';
import { type CrashPoint, type Life, Upstream } from './upstream.ts';

/** `dev` and `prod` may have any number of sets at a time, `vault` only one. */
export const profiles = ['dev', 'prod', 'vault'] as const;
export type Profile = (typeof profiles)[number];

const restartMs = seconds(5);
const heartbeatMs = seconds(15);

export class World {
  readonly time: FakeClock;
  readonly truth: Truth;
  readonly network: Network;
  readonly person: Person;
  readonly callers: Callers;
  readonly store = new TokenFile();
  readonly complaints: string[] = [];
  readonly complain = (what: string): void => void this.complaints.push(what);
  /** Null while the daemon is down. */
  broker: Broker | null;
  #clock: EffectiveClock;
  /** How far the machine's wall clock is off. */
  #skewMs = 0;
  #life: Life;
  #diesAt: CrashPoint | null = null;
  #memo: SessionMemo = noMemo;
  #checkouts: KeptValues<Checkout> = {};
  #fired = { at: 0, times: 0 };

  constructor(time: FakeClock, truth: Truth) {
    this.time = time;
    this.truth = truth;
    this.#clock = this.#newClock();
    const believed = (): number => this.#clock.now();
    const { complain } = this;
    const anchor: EffectiveClock['anchor'] = (server, rttMs) => this.#clock.anchor(server, rttMs);
    this.network = new Network(time, truth, { complain, anchor });
    const stored = () => this.store.stored;
    this.person = new Person({ clock: time, truth, network: this.network, complain, believed, stored });
    this.callers = new Callers({
      ...{ clock: time, believed, complain },
      taken: () => truth.takesRefresh(stored()?.refreshToken ?? null),
      signedOut: () => truth.signedOut,
    });
    this.store.keep(truth.signIn());
    this.#life = this.#born();
    this.broker = this.#start();
  }

  /** Time passes, with a heartbeat every 15 s. */
  async pass(ms: number): Promise<void> {
    await settled();
    for (let left = ms; left > 0 && this.complaints.length === 0; left -= heartbeatMs) {
      await this.time.pass(Math.min(left, heartbeatMs));
      this.callers.forgetExpired();
      this.broker?.beat();
      await settled();
      this.callers.checkHolds();
    }
  }

  sleep(ms: number): void {
    this.time.sleep(ms);
    this.#clock.now();
  }

  /** Seen before anything else happens: set back during a sleep, nobody could tell. */
  stepClock(ms: number): void {
    this.#skewMs += ms;
    this.#clock.now();
  }

  /** The clock is right, and nothing stands in anybody's way any more. */
  heal(): void {
    this.#skewMs = 0;
    this.#diesAt = null;
    this.truth.heal();
  }

  /** The daemon dies when it gets there, and is started again 5 s later. */
  crash(point: CrashPoint): void {
    this.#diesAt = point;
    this.#life.survives('at once');
  }

  #born(): Life {
    const life = {
      alive: true,
      survives: (point: CrashPoint): boolean => {
        if (life.alive && this.#diesAt === point) this.#die(life);
        return life.alive;
      },
    };
    return life;
  }

  #die(life: Life): void {
    life.alive = false;
    this.broker = null;
    this.#diesAt = null;
    this.network.hangUp();
    this.callers.hangUp();
    this.person.window = null;
    this.time.after(restartMs, () => {
      // A new process sees the wall clock and nothing of what the last one believed.
      this.#clock = this.#newClock();
      this.#life = this.#born();
      this.broker = this.#start();
    });
  }

  #fire(run: () => void): void {
    const at = this.time.mono();
    this.#fired = { at, times: this.#fired.at === at ? this.#fired.times + 1 : 0 };
    if (this.#fired.times > 1_000) throw new Error('timers run in circles');
    run();
  }

  #newClock(): EffectiveClock {
    return new EffectiveClock({ wall: () => this.time.now() + this.#skewMs, mono: () => this.time.mono() });
  }

  #start(): Broker {
    const life = this.#life;
    const upstream = new Upstream(this, life);
    const clock = this.#clock;
    return new Broker({
      settings: settingsWith({ profiles: new Map(profiles.map((name) => [name, ssoProfile(name, 'work')])) }),
      clock,
      timers: { after: (ms, run) => this.time.after(ms, () => (life.alive ? this.#fire(run) : undefined)) },
      random: () => 0.5,
      log: recordingLog(),
      seed: 'seed',
      notify: () => {},
      fingerprint: (secret) => `fp:${secret}`,
      checkouts: new Kept<Checkout>({
        load: () => this.#checkouts,
        save: (all) => {
          if (life.alive) this.#checkouts = all;
        },
      }),
      openSession: (settings) => ({
        settings,
        canOpenBrowser: true,
        upstream: upstream.session(),
        store: upstream.store(),
        presence: async () => (this.truth.away ? 'away' : 'present'),
        memo: this.#memo,
        saveMemo: (memo) => {
          if (life.alive) this.#memo = memo;
          life.survives('memo written');
        },
      }),
      openProfile: ({ name }) => upstream.profile(name),
      errands: noErrands,
    });
  }
}
