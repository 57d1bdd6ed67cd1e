/**
 * The life of the daemon: started with what is on disk, beaten every 15 s, stopped, or killed at the worst moment. What a
 * dead process still does reaches nobody.
 */
import { EffectiveClock } from '../../src/adapters/effective-clock.ts';
import type { Broker } from '../../src/core/broker.ts';
import type { Timers } from '../../src/core/ports.ts';
import { serverTime } from '../../src/core/types.ts';
import { seconds } from '../support/fake-clock.ts';
import type { ClockChecks } from './checks/clock.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

const heartbeatMs = seconds(15);
const firstMonoMs = 40;
/** What a heartbeat takes for a wake, and a little less. */
const leapMs = 9_000;

/** Where a crash can be laid in wait. */
export type CrashPoint =
  | 'refresh sent'
  | 'refresh processed'
  | 'refresh answered'
  | 'tokens about to be saved'
  | 'tokens saved'
  | 'memo saved'
  | 'window opening'
  | 'acquire sent'
  | 'acquire processed'
  | 'checkout saved'
  | 'release sent'
  | 'release processed';

export const crashPoints: readonly [CrashPoint, ...CrashPoint[]] = [
  'refresh sent',
  'refresh processed',
  'refresh answered',
  'tokens about to be saved',
  'tokens saved',
  'memo saved',
  'window opening',
  'acquire sent',
  'acquire processed',
  'checkout saved',
  'release sent',
  'release processed',
];

/** One run of the daemon from its start to its end. */
export class Process {
  readonly number: number;
  readonly clock: EffectiveClock;
  readonly timers: Timers;
  alive = true;
  /** Takes requests: not any more while it stops. */
  serving = true;
  #broker: Broker | null = null;

  constructor(number: number, time: VirtualTime) {
    this.number = number;
    // Monotonic time begins anew with each process.
    const bornAt = time.mono() - firstMonoMs;
    this.clock = new EffectiveClock({ wall: time.wall, mono: () => time.mono() - bornAt });
    const fire = (run: () => void): void => {
      if (!this.alive) return;
      time.stir();
      run();
    };
    this.timers = { after: (ms, run) => time.after(ms, () => fire(run)) };
  }

  get broker(): Broker {
    if (!this.#broker) throw new Error('the daemon is still being composed');
    return this.#broker;
  }

  set broker(broker: Broker) {
    this.#broker = broker;
  }
}

export interface DaemonParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly compose: (process: Process) => Broker;
  /** Told after a start, and after an end of any kind. */
  readonly started: () => void;
  readonly ended: () => void;
  /** A server's date has moved the clock by more than a little. */
  readonly leapt: () => void;
  readonly clock: ClockChecks;
  readonly beforeBeat: () => void;
}

export class Daemon {
  readonly #parts: DaemonParts;
  #process: Process | null = null;
  #trap: { readonly point: CrashPoint; readonly act: () => void } | null = null;
  #count = 0;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** The latest one, which may be dead. */
  get process(): Process {
    if (!this.#process) throw new Error('the daemon was never started');
    return this.#process;
  }

  get serving(): boolean {
    return this.process.alive && this.process.serving;
  }

  start(): void {
    const { time, story, compose, started } = this.#parts;
    const process = new Process(++this.#count, time);
    story.note('daemon started', String(process.number));
    this.#process = process;
    process.broker = compose(process);
    started();
    time.stir();
    this.#beat(process);
  }

  /** `kill -9`, power failure: nothing more happens, and some time later it is started again. */
  crash(downMs: number, where: string): void {
    const { time, story } = this.#parts;
    if (!this.process.alive) return;
    story.note('crash', where);
    this.#end();
    time.after(downMs, () => this.start());
  }

  /** Armed: the next time the process passes this point it dies there. */
  layCrash(point: CrashPoint, downMs: number): void {
    this.lay(point, () => {
      this.#parts.story.count(`crash at ${point}`);
      this.crash(downMs, point);
    });
  }

  /** The next time the process passes this point, something happens to it or around it. */
  lay(point: CrashPoint, act: () => void): void {
    this.#trap = { point, act };
  }

  /** An answer has brought the server's date: whole seconds, as HTTP has them. */
  anchor(process: Process, truth: number, rttMs: number): void {
    const { clock } = process;
    this.#parts.clock.read(process);
    const before = clock.now();
    clock.anchor(serverTime(Math.floor(truth / 1_000) * 1_000), rttMs);
    if (Math.abs(clock.now() - before) > leapMs) this.#parts.leapt();
    this.#parts.clock.anchored(process, rttMs);
  }

  disarm(): void {
    this.#trap = null;
  }

  passing(point: string): void {
    if (this.#trap?.point !== point || !this.process.alive) return;
    const { act } = this.#trap;
    this.#trap = null;
    act();
  }

  /** As a service manager stops it: given time to store what is under way. */
  stop(downMs: number): void {
    const { time, story } = this.#parts;
    if (!this.serving) return;
    const { process } = this;
    process.serving = false;
    story.note('clean stop', String(process.number));
    const ended = (): void => {
      if (!process.alive) return;
      story.tell('stopped');
      this.#end();
      time.after(downMs, () => this.start());
    };
    process.broker.close().then(ended, (error: unknown) => story.complain(`stop failed: ${String(error)}`));
    time.stir();
  }

  #end(): void {
    this.process.alive = false;
    this.#trap = null;
    this.#parts.ended();
  }

  #beat(process: Process): void {
    if (!process.alive || !process.serving) return;
    this.#parts.clock.read(process);
    this.#parts.beforeBeat();
    process.broker.beat();
    this.#parts.time.after(heartbeatMs, () => this.#beat(process));
  }
}
