/**
 * What each client was last told instead of credentials. Most SDKs hide the text of a refusal from their user, so the
 * status shows it until the same client gets what it asked for.
 */
import { LRUCache } from 'lru-cache';
import type { Grant } from './grants.ts';
import type { Clock } from './ports.ts';
import type { ClientRefusal } from './views.ts';
import { wireTime } from './wire-time.ts';

/** Bounded as a map; nothing here expires by a clock of the cache's own, which would stand still while a laptop sleeps. */
const maxKept = 50;

export class Refusals {
  readonly #clock: Clock;
  readonly #last = new LRUCache<string, ClientRefusal>({ max: maxKept });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(grant: Grant, profile: string, message: string): void {
    const said = { profile: masked(profile), message: masked(message) };
    this.#last.set(keyOf(grant, profile), { client: grant.label, ...said, at: wireTime(this.#clock.now()) });
  }

  clear(grant: Grant, profile: string): void {
    this.#last.delete(keyOf(grant, profile));
  }

  /** The newest first. */
  list(): readonly ClientRefusal[] {
    return [...this.#last.values()];
  }
}

/** A client that puts its token where the profile belongs must not find it on the user's screen. */
const masked = (text: string): string => text.replaceAll(/\bcb_[\w-]{20,}/g, 'cb_…');

const keyOf = (grant: Grant, profile: string): string => `${grant.id} ${profile}`;
