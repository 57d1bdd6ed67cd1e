/** Carries the requests of one site's upstream and their answers, each of which may be late, lost or cut off. */
import type { Verdict } from '../../src/core/types.ts';
import type { CallChecks } from './checks/calls.ts';
import type { Daemon } from './daemon.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Fate, Weather } from './weather.ts';

export type CallKind = 'refresh' | 'probe' | 'acquire' | 'release' | 'logout';

export interface Call<T> {
  readonly kind: CallKind;
  /** Of which at most one may be under way. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** The server at work. */
  readonly serve: () => Verdict<T>;
}

export interface NetworkParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly weather: Weather;
  readonly daemon: Daemon;
  readonly checks: CallChecks;
}

const lost: Verdict<never> = { type: 'ambiguous', detail: 'the connection ended without an answer' };
const aborted: Verdict<never> = {
  type: 'transient',
  why: 'aborted',
  detail: 'stopped while waiting',
  retryAfterMs: null,
};

export class Network {
  readonly #parts: NetworkParts;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  call<T>(call: Call<T>): Promise<Verdict<T>> {
    const { time, weather, daemon, checks, story } = this.#parts;
    const { process } = daemon;
    // The rest of a step in which the process died.
    if (!process.alive) return new Promise(() => {});
    // By both clocks: an answer may have waited for a machine that slept.
    const sent = { mono: time.mono(), now: process.clock.now() };
    story.count(`call ${call.kind}`);
    checks.began(call.kind, call.key);
    return new Promise((resolve) => {
      let done = false;
      const finish = (verdict: Verdict<T>, date: number | null): void => {
        if (done || !process.alive) return;
        done = true;
        story.note(`${call.kind} ${verdict.type}`, call.key);
        checks.ended(call.key, verdict, date !== null);
        if (date !== null) {
          const rttMs = Math.max(time.mono() - sent.mono, process.clock.now() - sent.now);
          daemon.anchor(process, date, rttMs);
        }
        time.stir();
        resolve(verdict);
      };
      call.signal.addEventListener('abort', () => finish(call.kind === 'refresh' ? lost : aborted, null));
      time.after(weather.transitMs(), () => this.#arrived(call, finish));
      daemon.passing(`${call.kind} sent`);
    });
  }

  #arrived<T>(call: Call<T>, finish: (verdict: Verdict<T>, date: number | null) => void): void {
    const { time, weather, daemon } = this.#parts;
    const fate = weather.fate();
    const verdict = fate.type === 'answered' || fate.type === 'lost' ? call.serve() : notServed(fate);
    if (fate.type !== 'swallowed' && fate.type !== 'failed') daemon.passing(`${call.kind} processed`);
    if (verdict === null) return;
    if (fate.type === 'lost') return fate.reset ? finish(cutOff(call), null) : undefined;
    const date = fate.type === 'answered' ? time.truth() : null;
    time.after(weather.transitMs(), () => {
      daemon.passing(`${call.kind} answered`);
      finish(verdict, date);
    });
  }
}

const notServed = (fate: Extract<Fate, { type: 'failed' | 'swallowed' }>): Verdict<never> | null =>
  fate.type === 'swallowed' ? null : { ...fate, type: 'transient', detail: `it failed: ${fate.why}` };

/** Adapters tell what may have been spent from what may be asked again at will. */
const cutOff = ({ kind }: Call<unknown>): Verdict<never> =>
  kind === 'refresh' ? lost : { type: 'transient', why: 'connect', detail: 'connection reset', retryAfterMs: null };
