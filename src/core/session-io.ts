/** Carries out a session's effects on its store and its upstream, and reports back. */

import { attempt, type Runtime } from './runtime.ts';
import type { SessionParts } from './session-runner.ts';
import type { SessionEffect, SessionEvent } from './session-state.ts';

type StoreEffect = Extract<SessionEffect, { type: 'read' | 'persist' | 'forget' }>;
type CallEffect = Extract<SessionEffect, { type: 'refresh' | 'probe' }>;

export class SessionIo {
  readonly #runtime: Runtime;
  readonly #parts: SessionParts;
  readonly #report: (event: SessionEvent) => void;
  #call: { readonly id: number; readonly controller: AbortController } | null = null;
  /** One after the other: a logout is never overtaken by a write that began before it. */
  #storeWork: Promise<unknown> = Promise.resolve();
  #forgetting: Promise<void> = Promise.resolve();

  constructor(runtime: Runtime, parts: SessionParts, report: (event: SessionEvent) => void) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#report = report;
  }

  /** Resolves when the last sign-out is done; rejects when the tokens may still be stored. */
  async forgotten(): Promise<void> {
    await this.#forgetting;
  }

  abort(id: number): void {
    if (this.#call?.id === id) this.#call.controller.abort();
  }

  useStore(effect: StoreEffect): void {
    const work = this.#storeWork.then(() => this.#onStore(effect));
    this.#storeWork = work.catch((error: unknown) => this.#storeFailed(effect, error));
    if (effect.type === 'forget') this.#forgetting = work;
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
    answer.catch((error: unknown) => this.#runtime.log.error({ err: error }, 'a session could not take its answer'));
  }

  #begin(id: number): AbortController {
    const controller = new AbortController();
    this.#call = { id, controller };
    return controller;
  }

  async #onStore(effect: StoreEffect): Promise<void> {
    const { store } = this.#parts;
    if (effect.type === 'read') return this.#report({ type: 'stored', id: effect.id, stored: await store.load() });
    if (effect.type === 'persist') {
      const outcome = await store.save(effect.record, effect.replaced);
      return this.#report({ type: 'persisted', id: effect.id, outcome });
    }
    try {
      await store.remove();
    } finally {
      // Tokens that may still be stored should at least open nothing.
      if (effect.record) await this.#logout(effect.record);
    }
  }

  /** Best effort: whether upstream heard it or not, the tokens are gone here. */
  async #logout(record: Parameters<SessionParts['upstream']['logout']>[0]): Promise<void> {
    const controller = new AbortController();
    const cancel = this.#runtime.timers.after(this.#runtime.numbers.refreshTimeoutMs, () => controller.abort());
    const verdict = await attempt(this.#runtime, () => this.#parts.upstream.logout(record, controller.signal));
    cancel();
    this.#runtime.log.info({ session: this.#parts.settings.name, verdict: verdict.type }, 'signed out upstream');
  }

  /** A store that throws must not leave the machine waiting for its answer. */
  #storeFailed(effect: StoreEffect, error: unknown): void {
    const detail = error instanceof Error ? error.message : 'unforeseen failure';
    this.#runtime.log.error({ err: error, session: this.#parts.settings.name }, 'the token store failed');
    if (effect.type === 'read') this.#report({ type: 'stored', id: effect.id, stored: { type: 'unreadable', detail } });
    if (effect.type === 'persist')
      this.#report({ type: 'persisted', id: effect.id, outcome: { type: 'failed', detail } });
  }
}
