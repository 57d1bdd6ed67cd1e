import type { Clock } from '../../core/ports.ts';
import type { Credentials, Verdict } from '../../core/types.ts';
import type { Wish } from '../../core/wish.ts';
import type { SigningKeys } from '../sigv4.ts';
import type { StsCall } from './call.ts';
import type { OneTimePasswords } from './one-time-passwords.ts';
import { parseSessionToken, requestSessionToken } from './operations.ts';

export interface MfaSession {
  readonly credentials: Credentials;
  readonly lifeMs: number;
}

export interface MfaAsk {
  readonly call: StsCall;
  readonly keys: SigningKeys;
  readonly serial: string;
  readonly seconds: number;
  readonly wish: Wish | null;
  /** Whether the session that is held will do, and no code is needed. */
  readonly suffices: (session: MfaSession) => boolean;
}

/**
 * Sessions with a second factor, one for each access key and device: one code opens every role that asks for it. Who
 * comes while a code is on its way waits for what comes of it.
 */
export class MfaSessions {
  readonly #held = new Map<string, MfaSession>();
  readonly #flights = new Map<string, Promise<Verdict<Credentials>>>();
  readonly #passwords: OneTimePasswords;
  readonly #clock: Clock;

  constructor(passwords: OneTimePasswords, clock: Clock) {
    this.#passwords = passwords;
    this.#clock = clock;
  }

  async obtain(ask: MfaAsk): Promise<Verdict<Credentials>> {
    const id = idOf(ask);
    for (let flight = this.#flights.get(id); flight !== undefined; flight = this.#flights.get(id)) {
      const joined = await flight;
      if (joined.type === 'ok') return joined;
    }
    const held = this.#held.get(id);
    if (held !== undefined && ask.suffices(held)) return { type: 'ok', value: held.credentials };
    const flight = this.#prove(ask).finally(() => this.#flights.delete(id));
    this.#flights.set(id, flight);
    return flight;
  }

  /** It was refused. */
  forget(ask: MfaAsk, refused: Credentials): void {
    if (this.#held.get(idOf(ask))?.credentials === refused) this.#held.delete(idOf(ask));
  }

  async #prove(ask: MfaAsk): Promise<Verdict<Credentials>> {
    const call = { ...ask.call, keys: ask.keys };
    const reply = await this.#passwords.spend(ask.serial, ask.wish, (factor) =>
      requestSessionToken(call, ask.seconds, factor),
    );
    const verdict = reply.type === 'denied' ? reply : parseSessionToken(reply);
    if (verdict.type === 'ok') {
      const lifeMs = verdict.value.expiresAt - this.#clock.now();
      this.#held.set(idOf(ask), { credentials: verdict.value, lifeMs });
    }
    return verdict;
  }
}

const idOf = ({ keys, serial }: MfaAsk): string => `${keys.accessKeyId} ${serial}`;
