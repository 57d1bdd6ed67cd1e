/**
 * A process that signs in a steady rhythm with the credential cache of its SDK. Signatures between two requests need no
 * event of their own: whether they succeed is known from when the set ends.
 */
import { ask, type Scene } from './callers.ts';
import type { ClientClock, Fetched } from './client-clocks.ts';
import type { Place } from './population.ts';
import type { CredentialSet } from './upstream.ts';

export interface SignerOptions {
  readonly clock: ClientClock;
  readonly place: Place;
  readonly everyMs: number;
}

export class Signer {
  readonly #scene: Scene;
  readonly #options: SignerOptions;
  #held: Fetched | null = null;
  /** When the clock wants another set. */
  #asksAt = 0;
  #quietUntil = 0;
  /** Nobody had credentials for its profile when it asked last. */
  #cold = true;

  constructor(scene: Scene, options: SignerOptions) {
    this.#scene = scene;
    this.#options = options;
    const { place, everyMs } = options;
    scene.measures.signs(place.firstAt, everyMs, scene.workMs);
    scene.time.after(place.firstAt, () => this.#sign());
  }

  #sign(): void {
    const { clock, place } = this.#options;
    const signedAt = this.#scene.time.now;
    this.#cold = !this.#scene.upstream.hasIssued(place.profile);
    ask(this.#scene, place.profile, clock.patience, (set) => this.#answered(signedAt, set));
  }

  #answered(signedAt: number, set: CredentialSet | null): void {
    const { now } = this.#scene.time;
    if (set) this.#take(set);
    else this.#quietUntil = now + this.#options.clock.quietMs(this.#scene.random);
    const left = (this.#held?.expiresAt ?? Number.NEGATIVE_INFINITY) - signedAt;
    const raised = !set && left < this.#options.clock.raisesMs;
    const resumed = Math.max(now, signedAt + 1);
    const next = this.#tickFrom(Math.max(resumed, this.#quietUntil, this.#asksAt));
    // What was signed while it waited shares the fate of what it waited for.
    if (raised || !this.#canSignAt(now)) this.#fail(signedAt, resumed);
    const ends = Math.max(resumed, this.#held?.expiresAt ?? resumed);
    this.#fail(this.#tickFrom(ends), next);
    if (next < this.#scene.workMs) this.#scene.time.after(next - now, () => this.#sign());
  }

  #take({ expiresAt }: CredentialSet): void {
    const { time, random } = this.#scene;
    const firstLeftMs = this.#held?.firstLeftMs ?? expiresAt - time.now;
    this.#held = { at: time.now, expiresAt, firstLeftMs };
    this.#asksAt = this.#options.clock.asksAt(this.#held, random);
  }

  #canSignAt(at: number): boolean {
    return this.#held !== null && this.#held.expiresAt > at;
  }

  /** None of the signatures from `first` to before `end` succeeds. */
  #fail(first: number, end: number): void {
    const { measures, workMs } = this.#scene;
    for (let at = first; at < Math.min(end, workMs); at += this.#options.everyMs)
      measures.signatureFailed(at, this.#cold);
  }

  /** The first of its signatures that falls on `at` or later. */
  #tickFrom(at: number): number {
    const { place, everyMs } = this.#options;
    return place.firstAt + Math.max(0, Math.ceil((at - place.firstAt) / everyMs)) * everyMs;
  }
}
