/** The promise edge of one Session: runs its effects against the upstream and the store, and tells its leases. */
import { Alarm } from './alarm.ts';
import type { LoginOptions, LogoutOptions } from './api.ts';
import type { Failure } from './failure.ts';
import type { LeaseEvent } from './lease-events.ts';
import type { Child, LeaseParent } from './lease-parent.ts';
import type { SessionAccess } from './lease-state.ts';
import { LoginDesk } from './login-desk.ts';
import { Onlookers } from './onlookers.ts';
import type { Runtime } from './runtime.ts';
import { stepSession } from './session.ts';
import { accessOf, sameAccess, sessionAlarm } from './session-access.ts';
import { hostOf } from './session-address.ts';
import type { SessionEffect, SessionEvent } from './session-events.ts';
import { SessionIo } from './session-io.ts';
import { type SessionParts, sessionEnv } from './session-parts.ts';
import { newSession, type SessionEnv, type SessionState, unsaved } from './session-state.ts';
import type { Cancel, SessionRecord } from './types.ts';
import type { UpstreamGate } from './upstream-gate.ts';

export class SessionRunner implements LeaseParent {
  readonly parts: SessionParts;
  /** Of the upstream that its profiles' credentials come from; other sessions may share it. */
  readonly gate: UpstreamGate;
  /** The upstream as the user knows it, for messages. */
  readonly who: string;
  readonly #runtime: Runtime;
  readonly #leases = new Set<Child>();
  readonly #onlookers: Onlookers;
  readonly #desk = new LoginDesk();
  readonly #io: SessionIo;
  readonly #alarm: Alarm;
  readonly #unwatch: Cancel;
  #state: SessionState;
  /** What the leases were last told. */
  #offered: SessionAccess;
  /** Why it is over, once it is. */
  #ended: Failure | null = null;

  constructor(runtime: Runtime, parts: SessionParts, gate: UpstreamGate) {
    this.parts = parts;
    this.gate = gate;
    this.who = hostOf(parts.settings);
    this.#runtime = runtime;
    this.#state = newSession(parts.memo);
    this.#offered = this.access();
    this.#onlookers = new Onlookers(this, runtime);
    this.#io = new SessionIo(runtime, parts, (event) => this.dispatch(event));
    this.#alarm = new Alarm(runtime.clock, runtime.timers, () => this.dispatch({ type: 'alarm' }));
    this.#unwatch = parts.store.watch(() => this.dispatch({ type: 'store-changed' }));
    this.dispatch({ type: 'start' });
  }

  get state(): SessionState {
    return this.#state;
  }

  attach(lease: Child): void {
    this.#leases.add(lease);
  }

  detach(lease: Child): void {
    this.#leases.delete(lease);
  }

  access(): SessionAccess {
    if (this.#ended) return { type: 'refused', failure: this.#ended, retryAt: null };
    return accessOf(this.#state, { now: this.#runtime.clock.now(), name: this.parts.settings.name });
  }

  record(): SessionRecord | null {
    return this.#state.record;
  }

  source(): null {
    return null;
  }

  shown(): this {
    return this;
  }

  /** The tokens, refreshed if that takes no person. Rejects with what the person has to do. */
  ready(signal: AbortSignal): Promise<SessionRecord> {
    return this.#onlookers.ready(signal);
  }

  /** The same with so much life left, where a refresh can bring it. A window may open where there are none at all. */
  fresh(leftMs: number, signal: AbortSignal): Promise<SessionRecord> {
    return this.#onlookers.fresh(leftMs, signal);
  }

  async login(options: LoginOptions): Promise<void> {
    options.signal.throwIfAborted();
    const fits = this.#desk.offers(options);
    const done = this.#desk.visit(options, () => this.dispatch({ type: 'login-abandoned' }));
    this.dispatch({ type: 'login-asked', fits });
    this.#runtime.mailbox.post(() => this.#desk.catchUp());
    await done;
  }

  /** Resolves when the tokens are gone here, with whether upstream knows; rejects when they may still be stored. */
  logout({ revoke }: LogoutOptions): Promise<boolean> {
    this.dispatch({ type: 'logout', revoke });
    return this.#io.forgotten();
  }

  /**
   * Ends for good: the session has left the settings, or the daemon stops. Nothing is forgotten in the store, and a
   * refresh under way may still bring the only tokens that work: resolves when they are stored.
   */
  async close(why: Failure): Promise<void> {
    // A last try for tokens that live in memory alone.
    if (unsaved(this.#state)) this.dispatch({ type: 'beat' });
    this.#ended = why;
    this.#unwatch();
    this.#alarm.set(null);
    this.#desk.close(this.#state.login?.id ?? this.#state.calls, why);
    this.#onlookers.look();
    const giveUp = (): void => this.#io.abort(this.#state.flight?.id ?? 0);
    const { step } = this.#state.flight ?? {};
    if (step !== 'refresh' && step !== 'persist') return giveUp();
    const cancel = this.#runtime.timers.after(this.#runtime.numbers.refreshTimeoutMs, giveUp);
    await this.#io.finished();
    cancel();
  }

  env(): SessionEnv {
    return sessionEnv(this.#runtime, this.parts);
  }

  dispatch(event: SessionEvent): void {
    this.#runtime.mailbox.post(() => {
      const before = this.#state;
      const { state, effects } = stepSession(before, event, this.env());
      this.#state = state;
      // On disk before anything is done about it: a crash in between must find what was begun.
      if (state.memo !== before.memo) this.parts.saveMemo(state.memo);
      if (event.type === 'wake') this.gate.reset();
      // At the end nothing is begun any more, but tokens that still arrive are the only ones that work.
      const left = this.#ended ? effects.filter(({ type }) => type === 'persist') : effects;
      for (const effect of left) this.#run(effect);
      if (this.#ended) return;
      this.#alarm.set(sessionAlarm(this.#state));
      this.#offer();
      if (state === before || event.type === 'used') return;
      this.#onlookers.look();
      this.#runtime.changed();
    });
  }

  /** Leases hear of it whenever they could do something else: the clock alone may have changed it. */
  #offer(): void {
    const access = this.access();
    if (sameAccess(this.#offered, access)) return;
    this.#offered = access;
    this.#tell({ type: 'session' });
  }

  #tell(event: LeaseEvent): void {
    for (const lease of this.#leases) lease.dispatch(event);
  }

  #run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'read':
      case 'persist':
        return this.#io.useStore(effect);
      case 'forget':
        return this.#io.forget(effect);
      case 'refresh':
      case 'probe':
        return this.#io.ask(effect);
      case 'abort':
        this.#io.abort(effect.id);
        return this.#desk.abort(effect.id);
      case 'login':
        return this.#openLogin(effect.id, effect.byUser);
      case 'login-result':
        return this.#desk.close(effect.id, effect.failure);
      case 'look':
        return this.#io.look(effect.id);
      case 'drop':
        this.parts.upstream.forget?.();
        return this.#tell({ ...effect, forgetCheckout: true });
      case 'judged':
      case 'signed-in':
        return this.#tell(effect);
      case 'notify':
        return this.#runtime.notify({ kind: effect.kind, session: this.parts.settings.name, message: effect.message });
    }
  }

  #openLogin(id: number, byUser: boolean): void {
    const wish = this.#desk.wish(byUser);
    const { flow, openBrowser, token } = wish;
    this.#runtime.log.info({ session: this.parts.settings.name, flow, byUser }, 'sign-in opened');
    this.#io.signIn(id, { flow, openBrowser, token, ...this.#desk.open(id, wish) });
  }
}
