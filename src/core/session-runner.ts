/** The promise edge of one Session: runs its effects against the upstream and the store, and tells its leases. */
import { Alarm } from './alarm.ts';
import type { LoginOptions } from './api.ts';
import { BrokerError } from './errors.ts';
import { toError } from './failure.ts';
import type { LeaseRunner } from './lease-runner.ts';
import type { SessionAccess } from './lease-state.ts';
import { LoginDesk } from './login-desk.ts';
import type { LoginHistory } from './login-policy.ts';
import type { Runtime } from './runtime.ts';
import { stepSession } from './session.ts';
import { SessionIo } from './session-io.ts';
import {
  accessOf,
  newSession,
  type SessionEffect,
  type SessionEnv,
  type SessionEvent,
  type SessionState,
  sessionAlarm,
} from './session-state.ts';
import type { SessionSettings } from './settings.ts';
import type { Cancel, SessionRecord, SessionStore, SessionUpstream } from './types.ts';

export interface SessionParts {
  readonly settings: SessionSettings;
  readonly upstream: SessionUpstream;
  readonly store: SessionStore;
  readonly loginMode: 'on-demand' | 'manual';
  readonly history: LoginHistory;
  readonly saveHistory: (history: LoginHistory) => void;
}

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
        const record = this.record();
        if (access.type === 'ready' && record) return resolve(record);
        reject(
          access.type === 'refused'
            ? toError(access.failure)
            : new BrokerError('LoginRequired', 'Signed out meanwhile'),
        );
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

  /** Resolves when the tokens are gone here and upstream has been told; rejects when they may still be stored. */
  async logout(): Promise<void> {
    this.dispatch({ type: 'logout' });
    await this.#io.forgotten();
  }

  /** Ends for good: the session has left the settings. Nothing is forgotten in the store. */
  close(): void {
    this.#unwatch();
    this.#alarm.set(null);
    this.#io.abort(this.#state.calls);
    if (this.#state.login)
      this.#desk.close(this.#state.login.id, {
        code: 'SessionNotFound',
        message: 'The session has left the configuration',
      });
  }

  env(): SessionEnv {
    const { clock, numbers, random } = this.#runtime;
    return {
      now: clock.now(),
      mono: clock.mono(),
      random: random(),
      name: this.parts.settings.name,
      numbers,
      loginMode: this.parts.loginMode,
      refreshLeadMs: this.parts.upstream.refreshLeadMs,
    };
  }

  dispatch(event: SessionEvent): void {
    this.#runtime.mailbox.post(() => {
      const before = this.#state;
      const { state, effects } = stepSession(before, event, this.env());
      this.#state = state;
      for (const effect of effects) this.#run(effect);
      this.#alarm.set(sessionAlarm(this.#state));
      if (state === before) return;
      for (const lease of this.#leases) lease.dispatch({ type: 'session' });
      for (const look of this.#onlookers) look();
      this.#runtime.changed();
    });
  }

  #run(effect: SessionEffect): void {
    const { name } = this.parts.settings;
    switch (effect.type) {
      case 'read':
      case 'persist':
      case 'forget':
        return this.#io.useStore(effect);
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
        for (const lease of this.#leases) lease.dispatch({ type: 'drop', failure: effect.failure });
        return;
      case 'judged':
        for (const lease of this.#leases) lease.dispatch(effect);
        return;
      case 'notify':
        return this.#runtime.log.warn({ session: name }, effect.message);
    }
  }

  #openLogin(id: number, byUser: boolean): void {
    const wish = byUser ? this.#desk.wish() : null;
    const flow = wish?.flow ?? 'browser';
    const { signal, prompt } = this.#desk.open(id, flow);
    this.#runtime.log.info({ session: this.parts.settings.name, flow, byUser }, 'sign-in opened');
    this.parts.upstream
      .login({ flow, openBrowser: wish?.openBrowser ?? true, prompt, signal })
      .then((outcome) => this.dispatch({ type: 'login-ended', id, outcome }))
      .catch((error: unknown) => {
        this.#runtime.log.error({ err: error }, 'a sign-in failed in an unforeseen way');
        const verdict = {
          type: 'transient',
          why: 'bad-body',
          detail: 'unforeseen failure',
          retryAfterMs: null,
        } as const;
        this.dispatch({ type: 'login-ended', id, outcome: { type: 'failed', verdict } });
      });
  }
}
