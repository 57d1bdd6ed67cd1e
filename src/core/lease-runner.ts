/** The promise edge of one Lease: runs its effects, keeps its callers, serves the warm path. */
import { Alarm } from './alarm.ts';
import type { GetOptions, Served } from './api.ts';
import { explain } from './explain.ts';
import type { ExplainView } from './explain-view.ts';
import type { Failure } from './failure.ts';
import type { Kept } from './kept.ts';
import { stepLease } from './lease.ts';
import { LeaseCallers } from './lease-callers.ts';
import { leaseEnv } from './lease-env.ts';
import type { LeaseEffect, LeaseEvent } from './lease-events.ts';
import { LeaseIo, type LeaseSource } from './lease-io.ts';
import type { LeaseParent } from './lease-parent.ts';
import { type LeaseEnv, type LeaseState, leaseAlarm, newLease, servable } from './lease-state.ts';
import type { Runtime } from './runtime.ts';
import type { ServedProfileSettings } from './settings.ts';
import type { Checkout, EpochMs, LeaseUpstream, MonoMs } from './types.ts';

interface LeaseParts extends LeaseSource {
  readonly checkouts: Kept<Checkout>;
}

export class LeaseRunner {
  readonly settings: ServedProfileSettings;
  readonly #runtime: Runtime;
  readonly #upstream: LeaseUpstream;
  readonly #io: LeaseIo;
  readonly parent: LeaseParent;
  readonly #alarm: Alarm;
  readonly #callers = new LeaseCallers();
  readonly #checkouts: Kept<Checkout>;
  #state: LeaseState;
  #demanded = false;
  #askedAt: EpochMs;
  #nextLook = 0;
  readonly #dropListeners = new Set<(event: LeaseEvent) => void>();

  constructor(runtime: Runtime, { settings, upstream, parent, checkouts }: LeaseParts) {
    this.settings = settings;
    this.#runtime = runtime;
    this.#upstream = upstream;
    this.parent = parent;
    this.#checkouts = checkouts;
    this.#io = new LeaseIo(runtime, { settings, upstream, parent }, (event) => this.dispatch(event));
    this.#state = newLease(checkouts.of(settings.name));
    this.#askedAt = runtime.clock.now();
    this.#alarm = new Alarm(runtime.clock, runtime.timers, () => this.dispatch({ type: 'alarm' }));
    parent.attach(this);
  }

  get state(): LeaseState {
    return this.#state;
  }

  /** What may be handed out at this moment, or null. */
  held(): Served | null {
    return servable(this.#state, this.#runtime.clock.now());
  }

  /** Another profile builds on it: it is kept alive as if a program had asked. */
  use(): void {
    this.#demanded = true;
    this.#askedAt = this.#runtime.clock.now();
  }

  /** Calls back when its identity is gone. */
  onDrop(listener: (event: LeaseEvent) => void): void {
    this.#dropListeners.add(listener);
  }

  /** The warm path. */
  peek(): Served | null {
    const { held, flight, gateAt } = this.#state;
    if (!held) return null;
    const now = this.#runtime.clock.now();
    if (now >= held.schedule.shortAt) return null;
    this.#demanded = true;
    this.#askedAt = now;
    if (now >= held.schedule.renewAt && !flight) this.#lookBehind(gateAt);
    return held.served;
  }

  /** Once a second is often enough for a renewal that nothing forbids and nothing brings: a sign-in may be needed first. */
  #lookBehind(gateAt: MonoMs): void {
    const mono = this.#runtime.clock.mono();
    if (mono < Math.max(gateAt, this.#nextLook)) return;
    this.#nextLook = mono + 1_000;
    this.beat();
  }

  get(options: GetOptions): Promise<Served> {
    return this.#wait(options.wish?.force ? 'renew' : 'get', options);
  }

  /** New credentials, whatever is held. */
  renew(options: GetOptions): Promise<Served> {
    return this.#wait('renew', options);
  }

  #wait(type: 'get' | 'renew', { holdMs, signal, wish }: GetOptions): Promise<Served> {
    const person = wish !== undefined;
    this.#askedAt = this.#runtime.clock.now();
    return this.#callers.wait(
      { signal, wish },
      {
        arrived: (waiter) =>
          this.dispatch(type === 'get' ? { type, waiter, holdMs, person } : { type, waiter, holdMs }),
        left: (waiter) => this.dispatch({ type: 'leave', waiter }),
      },
    );
  }

  beat(): void {
    const demanded = this.#demanded;
    this.#demanded = false;
    if (demanded) this.parent.dispatch({ type: 'used' });
    this.dispatch({ type: 'beat', demanded });
    if (this.#isIdle()) this.dispatch({ type: 'checkin' });
  }

  /** Its checkout is somebody's who has stopped asking, and the settings want it back. */
  #isIdle(): boolean {
    const { idleMs } = this.#upstream;
    const { checkout, flight } = this.#state;
    if (idleMs === undefined || checkout === null || flight) return false;
    return this.#runtime.clock.now() - this.#askedAt >= idleMs;
  }

  explain(): ExplainView {
    const state: LeaseState = this.#demanded ? { ...this.#state, credit: 1 } : this.#state;
    return explain({ settings: this.settings, state, env: this.env(), parent: this.parent });
  }

  /** Resolves when upstream has taken the checkout back, with whether there was anything to give back. */
  async checkin(): Promise<boolean> {
    const { held, checkout } = this.#state;
    this.dispatch({ type: 'checkin' });
    await this.#io.released();
    return held !== null || checkout !== null;
  }

  /** Ends for good: the profile has left the settings (its checkout is forgotten then), or the daemon stops. */
  close(why: Failure, forgetCheckout: boolean): void {
    this.parent.detach(this);
    this.dispatch({ type: 'drop', failure: why, forgetCheckout });
  }

  dispatch(event: LeaseEvent): void {
    this.#runtime.mailbox.post(() => {
      const { checkout } = this.#state;
      const { state, effects } = stepLease(this.#state, event, this.env());
      this.#state = state;
      if (state.flight?.stage !== 'call') this.#callers.settled();
      if (event.type === 'wake' || event.type === 'signed-in') this.#nextLook = 0;
      if (state.checkout !== checkout) this.#checkouts.save(this.settings.name, state.checkout);
      for (const effect of effects) this.#run(effect);
      if (event.type === 'drop') for (const listener of this.#dropListeners) listener(event);
      this.#alarm.set(leaseAlarm(this.#state));
      if (event.type !== 'beat' || effects.length > 0) this.#runtime.changed();
    });
  }

  env(): LeaseEnv {
    return leaseEnv(this.#runtime, { settings: this.settings, upstream: this.#upstream, parent: this.parent });
  }

  #run(effect: LeaseEffect): void {
    switch (effect.type) {
      case 'demand':
        this.parent.dispatch({ type: 'demand', foreground: effect.foreground });
        return this.dispatch({ type: 'session' });
      case 'unauthorized':
        this.parent.dispatch(effect);
        return this.dispatch({ type: 'session' });
      case 'accepted':
        return this.parent.dispatch({ type: 'accepted', generation: effect.generation });
      case 'acquire':
        return this.#io.acquire(
          effect,
          this.#state.generation + 1,
          effect.wished ? this.#callers.wish(effect.force) : null,
        );
      case 'release':
        this.#io.release(effect);
        // Another name may lead to the same checkout.
        return this.#runtime.revoked(effect.checkout.transaction);
      case 'abort':
        return this.#io.abort(effect.timedOut);
      case 'serve':
        return this.#callers.serve(effect.waiter, effect.served);
      case 'fail':
        return this.#callers.fail(effect.waiter, effect.failure);
      case 'notify': {
        const about = 'session' in this.settings ? this.settings.session : this.settings.name;
        return this.#runtime.notify({ kind: 'gate-met', session: about, message: effect.message });
      }
    }
  }
}
