/** Carries out a lease's effects on its upstream, and reports back. */
import { renderServed } from './documents.ts';
import { BrokerError } from './errors.ts';
import { failure } from './failure.ts';
import type { Issued, LeaseEffect, LeaseEvent } from './lease-events.ts';
import type { LeaseParent } from './lease-parent.ts';
import { attempt, type Runtime } from './runtime.ts';
import type { ServedProfileSettings } from './settings.ts';
import type { Credentials, LeaseUpstream, Verdict } from './types.ts';
import type { Wish } from './wish.ts';

export interface LeaseSource {
  readonly settings: ServedProfileSettings;
  readonly upstream: LeaseUpstream;
  readonly parent: LeaseParent;
}

type Acquire = Extract<LeaseEffect, { type: 'acquire' }>;
type Release = Extract<LeaseEffect, { type: 'release' }>;

const silence = { type: 'ambiguous', detail: 'no answer in time' } as const;

export class LeaseIo {
  readonly #runtime: Runtime;
  readonly #source: LeaseSource;
  readonly #report: (event: LeaseEvent) => void;
  #call: AbortController | null = null;
  #released: Promise<void> = Promise.resolve();

  constructor(runtime: Runtime, source: LeaseSource, report: (event: LeaseEvent) => void) {
    this.#runtime = runtime;
    this.#source = source;
    this.#report = report;
  }

  /** Resolves when the last checkout has been given back. */
  async released(): Promise<void> {
    await this.#released;
  }

  abort(timedOut: boolean): void {
    if (timedOut) this.#source.parent.gate.ended(silence);
    this.#call?.abort(new BrokerError('UpstreamUnavailable', 'The call was given up'));
  }

  /** `generation` is the one that the answer will have; `wish` is null for programs alone. */
  acquire({ id, checkout }: Acquire, generation: number, wish: Wish | null): void {
    const { upstream, parent } = this.#source;
    const { signal } = this.#begin();
    const [record, source] = [parent.record(), parent.source()];
    attempt(this.#runtime, () =>
      upstream.acquire({ record, source, checkout, wish: wish && this.#overheard(id, wish), signal }),
    )
      .then((verdict) => {
        if (!signal.aborted) parent.gate.ended(verdict);
        this.#log(verdict);
        this.#report({ type: 'acquired', id, verdict: this.#render(verdict, generation) });
      })
      .catch((error: unknown) => this.#runtime.log.error({ err: error }, 'a lease could not take its answer'));
  }

  /** What a call waits for concerns the programs, too. */
  #overheard(id: number, wish: Wish): Wish {
    const { name } = this.#source.settings;
    const progress: Wish['progress'] = (event) => {
      wish.progress(event);
      if (event.event === 'checkin.done' && event.detail !== null) this.#runtime.revoked(event.detail);
      if (event.event !== 'approval.waiting') return;
      const waits = failure('ApprovalRequired', `Profile "${name}" waits for an approval. Run: credbroker status`);
      this.#report({ type: 'gated', id, failure: waits });
    };
    return { ...wish, progress };
  }

  release({ id, checkout }: Release): void {
    const { upstream, parent, settings } = this.#source;
    const { signal } = this.#begin();
    const record = parent.record();
    this.#released = attempt(this.#runtime, () => upstream.release({ record, checkout, signal }))
      .then((verdict) => {
        if (!signal.aborted) parent.gate.ended(verdict);
        this.#runtime.log.info({ profile: settings.name, verdict: verdict.type }, 'checked in');
        this.#report({ type: 'released', id });
      })
      .catch((error: unknown) => this.#runtime.log.error({ err: error }, 'a lease could not take its answer'));
  }

  #begin(): AbortController {
    const call = new AbortController();
    this.#call = call;
    this.#source.parent.gate.began();
    return call;
  }

  /** Serialised here, once, so that handing out costs nothing. */
  #render(verdict: Verdict<Credentials>, generation: number): Verdict<Issued> {
    // Whether a session is over is the session's to find out.
    const hasSession = this.#source.parent.shown() !== null;
    if (verdict.type === 'rejected' && hasSession) return { type: 'unauthorized', detail: verdict.detail };
    if (verdict.type !== 'ok') return verdict;
    const { value } = verdict;
    const { name } = this.#source.settings;
    try {
      const served = renderServed(name, generation, value, this.#runtime.clock.now());
      const { expiresAt, transaction } = value;
      const checkout = transaction === null ? null : { transaction, expiresAt };
      return { type: 'ok', value: { served, expiresAt, checkout } };
    } catch (error) {
      this.#runtime.log.error({ err: error, profile: name }, 'credentials cannot be handed out');
      return { type: 'transient', why: 'bad-body', detail: 'unusable credentials', retryAfterMs: null };
    }
  }

  #log(verdict: Verdict<Credentials>): void {
    const { name: profile } = this.#source.settings;
    if (verdict.type === 'ok') return this.#runtime.log.info({ profile }, 'credentials fetched');
    this.#runtime.log.warn(
      { profile, verdict: verdict.type, ...('detail' in verdict ? { detail: verdict.detail } : {}) },
      'credentials not fetched',
    );
  }
}
