/** Carries out a session's effects on its store and its upstream, and reports back. */

import { attempt, type Runtime, unforeseen } from './runtime.ts';
import type { SessionEffect, SessionEvent } from './session-events.ts';
import type { SessionParts } from './session-parts.ts';
import type { LoginRequest, SessionRecord } from './types.ts';

type StoreEffect = Extract<SessionEffect, { type: 'read' | 'persist' }>;
type ForgetEffect = Extract<SessionEffect, { type: 'forget' }>;
type CallEffect = Extract<SessionEffect, { type: 'refresh' | 'probe' }>;

export class SessionIo {
  readonly #runtime: Runtime;
  readonly #parts: SessionParts;
  readonly #report: (event: SessionEvent) => void;
  #call: { readonly id: number; readonly controller: AbortController } | null = null;
  /** One after the other: a logout is never overtaken by a write that began before it. */
  #storeWork: Promise<unknown> = Promise.resolve();
  #forgetting: Promise<boolean> = Promise.resolve(true);
  #answer: Promise<void> = Promise.resolve();

  constructor(runtime: Runtime, parts: SessionParts, report: (event: SessionEvent) => void) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#report = report;
  }

  /** Resolves when the last sign-out is done, with whether upstream knows; rejects when the tokens may still be stored. */
  async forgotten(): Promise<boolean> {
    return this.#forgetting;
  }

  /** Resolves when the call under way has been answered and everything asked of the store is done. */
  async finished(): Promise<void> {
    await this.#answer;
    await this.#storeWork;
  }

  abort(id: number): void {
    if (this.#call?.id === id) this.#call.controller.abort();
  }

  useStore(effect: StoreEffect): void {
    const work = this.#storeWork.then(() => this.#onStore(effect));
    this.#storeWork = work.catch((error: unknown) => this.#storeFailed(effect, error));
  }

  forget(effect: ForgetEffect): void {
    this.#forgetting = this.#storeWork.then(() => this.#forget(effect));
    this.#storeWork = this.#forgetting.catch((error: unknown) => {
      this.#runtime.log.error({ err: error, session: this.#parts.settings.name }, 'the stored tokens were not deleted');
    });
  }

  ask(effect: CallEffect): void {
    const { upstream, settings } = this.#parts;
    const { signal } = this.#begin(effect.id);
    const answer =
      effect.type === 'refresh'
        ? attempt(this.#runtime, () => upstream.refresh(effect.record, signal)).then((verdict) => {
            this.#runtime.log.info({ session: settings.name, verdict: verdict.type }, 'session refresh');
            this.#report({ type: 'refreshed', id: effect.id, verdict });
          })
        : attempt(this.#runtime, () => upstream.probe(effect.record, signal)).then((verdict) =>
            this.#report({ type: 'probed', id: effect.id, verdict }),
          );
    this.#answer = answer.catch((error: unknown) =>
      this.#runtime.log.error({ err: error }, 'a session could not take its answer'),
    );
  }

  signIn(id: number, request: LoginRequest): void {
    this.#parts.upstream
      .login(request)
      .then((outcome) => this.#report({ type: 'login-ended', id, outcome }))
      .catch((error: unknown) => {
        this.#runtime.log.error({ err: error }, 'a sign-in failed in an unforeseen way');
        this.#report({ type: 'login-ended', id, outcome: { type: 'failed', verdict: unforeseen } });
      });
  }

  look(id: number): void {
    this.#parts
      .presence()
      .catch(() => 'unknown' as const)
      .then((presence) => this.#report({ type: 'looked', id, presence }))
      .catch((error: unknown) => this.#runtime.log.error({ err: error }, 'a session could not take its answer'));
  }

  #begin(id: number): AbortController {
    const controller = new AbortController();
    this.#call = { id, controller };
    return controller;
  }

  async #onStore(effect: StoreEffect): Promise<void> {
    const { store } = this.#parts;
    if (effect.type === 'read') return this.#report({ type: 'stored', id: effect.id, stored: await store.load() });
    const outcome = await store.save(effect.record, effect.replaced);
    this.#report({ type: 'persisted', id: effect.id, outcome });
  }

  async #forget({ record, revoke }: ForgetEffect): Promise<boolean> {
    let told = true;
    try {
      await this.#parts.store.remove();
    } finally {
      // Tokens that may still be stored should at least open nothing.
      if (record && (revoke || !this.#parts.upstream.logoutIsLocal)) told = await this.#logout(record);
    }
    return told;
  }

  async #logout(record: SessionRecord): Promise<boolean> {
    const controller = new AbortController();
    const cancel = this.#runtime.timers.after(this.#runtime.numbers.refreshTimeoutMs, () => controller.abort());
    const verdict = await attempt(this.#runtime, () => this.#parts.upstream.logout(record, controller.signal));
    cancel();
    this.#runtime.log.info({ session: this.#parts.settings.name, verdict: verdict.type }, 'signed out upstream');
    // A token that upstream refuses is one it has ended already.
    return verdict.type === 'ok' || verdict.type === 'unauthorized';
  }

  /** A store that throws must not leave the machine waiting for its answer. */
  #storeFailed(effect: StoreEffect, error: unknown): void {
    const detail = error instanceof Error ? error.message : 'unforeseen failure';
    this.#runtime.log.error({ err: error, session: this.#parts.settings.name }, 'the token store failed');
    if (effect.type === 'read') this.#report({ type: 'stored', id: effect.id, stored: { type: 'unreadable', detail } });
    else this.#report({ type: 'persisted', id: effect.id, outcome: { type: 'failed', detail } });
  }
}
