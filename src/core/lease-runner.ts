/** The promise edge of one Lease: runs its effects, keeps its callers, serves the warm path. */
import { Alarm } from './alarm.ts';
import type { GetOptions, Served } from './api.ts';
import { renderServed } from './documents.ts';
import { BrokerError } from './errors.ts';
import { type Failure, toError } from './failure.ts';
import { drawFrom } from './freshness.ts';
import { stepLease } from './lease.ts';
import {
  emptyLease,
  type Issued,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  leaseAlarm,
} from './lease-state.ts';
import { attempt, type Runtime } from './runtime.ts';
import type { SessionRunner } from './session-runner.ts';
import type { SsoProfileSettings } from './settings.ts';
import type { Credentials, LeaseUpstream, Verdict } from './types.ts';

interface Caller {
  readonly serve: (served: Served) => void;
  readonly fail: (failure: Failure) => void;
}

export class LeaseRunner {
  readonly settings: SsoProfileSettings;
  readonly #runtime: Runtime;
  readonly #upstream: LeaseUpstream;
  readonly #session: SessionRunner;
  readonly #alarm: Alarm;
  readonly #callers = new Map<number, Caller>();
  #state: LeaseState = emptyLease;
  #call: AbortController | null = null;
  #nextCaller = 1;
  #demanded = false;

  constructor(runtime: Runtime, settings: SsoProfileSettings, upstream: LeaseUpstream, session: SessionRunner) {
    this.settings = settings;
    this.#runtime = runtime;
    this.#upstream = upstream;
    this.#session = session;
    this.#alarm = new Alarm(runtime.clock, runtime.timers, () => this.dispatch({ type: 'alarm' }));
    session.attach(this);
  }

  get state(): LeaseState {
    return this.#state;
  }

  /** The warm path. */
  peek(): Served | null {
    const { held, flight, gateAt } = this.#state;
    if (!held) return null;
    const now = this.#runtime.clock.now();
    if (now >= held.schedule.shortAt) return null;
    this.#demanded = true;
    if (now >= held.schedule.renewAt && !flight && this.#runtime.clock.mono() >= gateAt) this.beat();
    return held.served;
  }

  get({ holdMs, signal }: GetOptions): Promise<Served> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const waiter = this.#nextCaller++;
      const leave = (): void => {
        this.#callers.delete(waiter);
        this.dispatch({ type: 'leave', waiter });
        reject(signal.reason);
      };
      const settled =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          signal.removeEventListener('abort', leave);
          this.#callers.delete(waiter);
          then(value);
        };
      signal.addEventListener('abort', leave);
      this.#callers.set(waiter, { serve: settled(resolve), fail: settled((why: Failure) => reject(toError(why))) });
      this.dispatch({ type: 'get', waiter, holdMs });
    });
  }

  beat(): void {
    const demanded = this.#demanded;
    this.#demanded = false;
    this.dispatch({ type: 'beat', demanded });
  }

  /** Ends for good: the profile has left the settings. */
  close(why: Failure): void {
    this.#session.detach(this);
    this.dispatch({ type: 'drop', failure: why });
  }

  dispatch(event: LeaseEvent): void {
    this.#runtime.mailbox.post(() => {
      const { clock, numbers, random, seed } = this.#runtime;
      const { state, effects } = stepLease(this.#state, event, {
        now: clock.now(),
        mono: clock.mono(),
        random: random(),
        access: this.#session.access(),
        numbers,
        profile: this.settings.name,
        who: `session "${this.settings.session}"`,
        renewal: this.#upstream.renewal,
        draw: (generation) => drawFrom(`${seed}/${this.settings.name}/${generation}`),
      });
      this.#state = state;
      for (const effect of effects) this.#run(effect);
      this.#alarm.set(leaseAlarm(this.#state));
      if (event.type !== 'beat' || effects.length > 0) this.#runtime.changed();
    });
  }

  #run(effect: LeaseEffect): void {
    switch (effect.type) {
      case 'demand':
        this.#session.dispatch({ type: 'demand', foreground: effect.foreground });
        return this.dispatch({ type: 'session' });
      case 'unauthorized':
        this.#session.dispatch(effect);
        return this.dispatch({ type: 'session' });
      case 'accepted':
        return this.#session.dispatch({ type: 'accepted', generation: effect.generation });
      case 'acquire':
        return this.#acquire(effect.id);
      case 'abort':
        return this.#call?.abort(new BrokerError('UpstreamUnavailable', 'The call was given up'));
      case 'serve':
        return this.#callers.get(effect.waiter)?.serve(effect.served);
      case 'fail':
        return this.#callers.get(effect.waiter)?.fail(effect.failure);
    }
  }

  #acquire(id: number): void {
    const call = new AbortController();
    this.#call = call;
    const record = this.#session.record();
    attempt(this.#runtime, () => this.#upstream.acquire(record, call.signal))
      .then((verdict) => {
        this.#report(verdict);
        this.dispatch({ type: 'acquired', id, verdict: this.#render(verdict) });
      })
      .catch((error: unknown) => this.#runtime.log.error({ err: error }, 'a lease could not take its answer'));
  }

  /** Serialised here, once, so that handing out costs nothing. */
  #render(verdict: Verdict<Credentials>): Verdict<Issued> {
    if (verdict.type !== 'ok') return verdict;
    const { value } = verdict;
    try {
      const served = renderServed(this.settings.name, this.#state.generation + 1, value, this.#runtime.clock.now());
      return { type: 'ok', value: { served, expiresAt: value.expiresAt } };
    } catch (error) {
      this.#runtime.log.error({ err: error, profile: this.settings.name }, 'credentials cannot be handed out');
      return { type: 'transient', why: 'bad-body', detail: 'unusable credentials', retryAfterMs: null };
    }
  }

  #report(verdict: Verdict<Credentials>): void {
    const { name: profile } = this.settings;
    if (verdict.type === 'ok') return this.#runtime.log.info({ profile }, 'credentials fetched');
    this.#runtime.log.warn(
      { profile, verdict: verdict.type, ...('detail' in verdict ? { detail: verdict.detail } : {}) },
      'credentials not fetched',
    );
  }
}
