/** The promise edge of one Session: runs its effects against the upstream and the store, and tells its leases. */
import { Alarm } from './alarm.ts';
import type { LoginOptions } from './api.ts';
import { BrokerError } from './errors.ts';
import { type Failure, toError } from './failure.ts';
import type { LeaseRunner } from './lease-runner.ts';
import type { LeaseEvent, SessionAccess } from './lease-state.ts';
import { LoginDesk } from './login-desk.ts';
import { type Runtime, unforeseen } from './runtime.ts';
import { stepSession } from './session.ts';
import { SessionIo } from './session-io.ts';
import type { SessionParts } from './session-parts.ts';
import {
  accessOf,
  newSession,
  type SessionEffect,
  type SessionEnv,
  type SessionEvent,
  type SessionState,
  sessionAlarm,
  unsaved,
} from './session-state.ts';
import type { Cancel, SessionRecord } from './types.ts';

export class SessionRunner {
  readonly parts: SessionParts;
  readonly #runtime: Runtime;
  readonly #leases = new Set<LeaseRunner>();
  readonly #onlookers = new Set<() => void>();
  readonly #desk = new LoginDesk();
  readonly #io: SessionIo;
  readonly #alarm: Alarm;
  readonly #unwatch: Cancel;
  #state: SessionState;
  /** Why it is over, once it is. */
  #ended: Failure | null = null;

  constructor(runtime: Runtime, parts: SessionParts) {
    this.parts = parts;
    this.#runtime = runtime;
    this.#state = newSession(parts.history);
    this.#io = new SessionIo(runtime, parts, (event) => this.dispatch(event));
    this.#alarm = new Alarm(runtime.clock, runtime.timers, () => this.dispatch({ type: 'alarm' }));
    this.#unwatch = parts.store.watch(() => this.dispatch({ type: 'store-changed' }));
    this.dispatch({ type: 'start' });
  }

  get state(): SessionState {
    return this.#state;
  }

  attach(lease: LeaseRunner): void {
    this.#leases.add(lease);
  }

  detach(lease: LeaseRunner): void {
    this.#leases.delete(lease);
  }

  access(): SessionAccess {
    if (this.#ended) return { type: 'refused', failure: this.#ended };
    return accessOf(this.#state, { now: this.#runtime.clock.now(), name: this.parts.settings.name });
  }

  record(): SessionRecord | null {
    return this.#state.record;
  }

  /** The tokens, refreshed if that takes no person. Rejects with what the person has to do. */
  ready(signal: AbortSignal): Promise<SessionRecord> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const access = this.access();
        if (access.type === 'pending' && !signal.aborted) return;
        this.#onlookers.delete(look);
        if (signal.aborted) return reject(signal.reason);
        if (access.type === 'refused') return reject(toError(access.failure));
        const record = this.record();
        record ? resolve(record) : reject(new BrokerError('LoginRequired', 'Signed out meanwhile'));
      };
      this.#onlookers.add(look);
      signal.addEventListener('abort', look);
      this.dispatch({ type: 'demand', foreground: false });
      this.#runtime.mailbox.post(look);
    });
  }

  async login(options: LoginOptions): Promise<void> {
    options.signal.throwIfAborted();
    const joins = this.#desk.offers(options.flow);
    const done = this.#desk.visit(options, () => this.dispatch({ type: 'login-abandoned' }));
    if (!joins) this.dispatch({ type: 'login-asked' });
    await done;
  }

  /** Resolves when the tokens are gone here, with whether upstream knows; rejects when they may still be stored. */
  logout(): Promise<boolean> {
    this.dispatch({ type: 'logout' });
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
    for (const look of this.#onlookers) look();
    const giveUp = (): void => this.#io.abort(this.#state.calls);
    if (this.#state.flight?.step !== 'refresh') return giveUp();
    const cancel = this.#runtime.timers.after(this.#runtime.numbers.refreshTimeoutMs, giveUp);
    await this.#io.finished();
    cancel();
  }

  env(): SessionEnv {
    const { clock, login, numbers, random } = this.#runtime;
    return {
      now: clock.now(),
      mono: clock.mono(),
      random: random(),
      name: this.parts.settings.name,
      numbers,
      loginMode: this.parts.canOpenBrowser ? login() : 'manual',
      refreshLeadMs: this.parts.upstream.refreshLeadMs,
    };
  }

  dispatch(event: SessionEvent): void {
    this.#runtime.mailbox.post(() => {
      const before = this.#state;
      const { state, effects } = stepSession(before, event, this.env());
      this.#state = state;
      // At the end nothing is begun any more, but tokens that still arrive are the only ones that work.
      const left = this.#ended ? effects.filter(({ type }) => type === 'persist') : effects;
      for (const effect of left) this.#run(effect);
      if (this.#ended) return;
      this.#alarm.set(sessionAlarm(this.#state));
      if (state === before) return;
      this.#tell({ type: 'session' });
      for (const look of this.#onlookers) look();
      this.#runtime.changed();
    });
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
      case 'history':
        return this.parts.saveHistory(effect.history);
      case 'drop':
      case 'judged':
        return this.#tell(effect);
      case 'signed-in':
        return this.#tell({ type: 'wake' });
      case 'notify':
        return this.#runtime.log.warn({ session: this.parts.settings.name }, effect.message);
    }
  }

  #openLogin(id: number, byUser: boolean): void {
    const { flow, openBrowser } = this.#desk.wish(byUser);
    const { signal, prompt } = this.#desk.open(id, flow);
    this.#runtime.log.info({ session: this.parts.settings.name, flow, byUser }, 'sign-in opened');
    this.parts.upstream
      .login({ flow, openBrowser, prompt, signal })
      .then((outcome) => this.dispatch({ type: 'login-ended', id, outcome }))
      .catch((error: unknown) => {
        this.#runtime.log.error({ err: error }, 'a sign-in failed in an unforeseen way');
        this.dispatch({ type: 'login-ended', id, outcome: { type: 'failed', verdict: unforeseen } });
      });
  }
}
