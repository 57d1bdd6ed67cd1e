/** One hop: a role, assumed with the credentials of the hop before. */
import type { Credentials, Verdict } from '../../core/types.ts';
import type { SigningKeys } from '../sigv4.ts';
import type { StsCall } from './call.ts';
import { readCredentialSource } from './credential-sources.ts';
import { codeIsSpent, denied, isTooLong } from './errors.ts';
import type { MfaAsk, MfaSession } from './mfa-sessions.ts';
import { type AssumedRole, parseAssumeRole, requestAssumeRole, type SecondFactor } from './operations.ts';
import { aboutOwnKeys, callOf, halfDaySeconds, hourSeconds, type Parts, storedKeys } from './parts.ts';
import { SessionLength } from './session-length.ts';
import { sessionNameOf } from './session-name.ts';
import type { RoleSettings, StsLease, StsRequest } from './types.ts';

/** A session need only last until the role is assumed. */
const sessionFloorMs = 60_000;

export const openRole = (parts: Parts, settings: RoleSettings): StsLease => {
  const hop = new Hop(parts, settings);
  return {
    renewal: 'overlap',
    prefetch: settings.mfaSerial === null,
    acquire: async (request) => {
      const own = await ownKeys(parts, settings, request.signal);
      if (own === null) return hop.acquire(request, request.source);
      const { whose, keys } = own;
      return keys.type === 'ok' ? aboutOwnKeys(whose, await hop.acquire(request, keys.value)) : keys;
    },
  };
};

/** Those which come from no other profile, null where they do. */
const ownKeys = async ({ dependencies }: Parts, settings: RoleSettings, signal: AbortSignal) => {
  const { keys: name, credentialSource: source } = settings;
  if (name !== null) return { whose: storedKeys(name), keys: await dependencies.readKeys(name) };
  if (source === null) return null;
  const keys = await readCredentialSource(dependencies, source, signal);
  return { whose: `the keys that credential_source "${source}" gives`, keys };
};

class Hop {
  readonly #parts: Parts;
  readonly #settings: RoleSettings;
  readonly #length: SessionLength;

  constructor(parts: Parts, settings: RoleSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#length = new SessionLength(settings, parts.dependencies.warn);
  }

  async acquire({ wish, signal }: StsRequest, source: SigningKeys | null): Promise<Verdict<Credentials>> {
    const { name, mfaSerial: serial } = this.#settings;
    if (source === null) return denied('bad-request', `profile "${name}" has no source of credentials`);
    const call = callOf(this.#parts, this.#settings, { keys: source, signal });
    const seconds = this.#length.from(source);
    if (serial === null) return this.#assume(call, seconds);
    const isSessionPossible = source.sessionToken === null && seconds <= hourSeconds;
    const ask = { call, keys: source, serial, wish, seconds: halfDaySeconds, suffices: this.#isAlive };
    return isSessionPossible ? this.#assumeFromSession(ask, seconds) : this.#assumeWithCode(ask, seconds);
  }

  readonly #isAlive = ({ credentials }: MfaSession): boolean =>
    credentials.expiresAt - this.#parts.dependencies.clock.now() > sessionFloorMs;

  async #assume(call: StsCall, seconds: number): Promise<Verdict<Credentials>> {
    const reply = await requestAssumeRole(call, this.#role(seconds, null));
    if (!isTooLong(reply) || seconds <= hourSeconds) return this.#parse(reply);
    return this.#parse(await requestAssumeRole(call, this.#role(this.#length.shorten(), null)));
  }

  /** A session that is refused is made anew, once. */
  async #assumeFromSession(ask: MfaAsk, seconds: number): Promise<Verdict<Credentials>> {
    const first = await this.#assumeOnce(ask, seconds);
    return first === null ? ((await this.#assumeOnce(ask, seconds)) ?? refusedTwice) : first;
  }

  /** Null where the session is refused. */
  async #assumeOnce(ask: MfaAsk, seconds: number): Promise<Verdict<Credentials> | null> {
    const { sessions } = this.#parts;
    const session = await sessions.obtain(ask);
    if (session.type !== 'ok') return session;
    const verdict = await this.#assume({ ...ask.call, keys: session.value }, seconds);
    if (verdict.type !== 'unauthorized') return verdict;
    sessions.forget(ask, session.value);
    return null;
  }

  async #assumeWithCode({ call, serial, wish }: MfaAsk, seconds: number): Promise<Verdict<Credentials>> {
    const reply = await this.#parts.passwords.spend(serial, wish, (factor) =>
      requestAssumeRole(call, this.#role(seconds, factor)),
    );
    if (reply.type === 'denied') return reply;
    if (!isTooLong(reply) || seconds <= hourSeconds) return this.#parse(reply);
    // The code went with the refusal.
    this.#length.shorten();
    return denied('needs-otp', codeIsSpent);
  }

  #role(seconds: number, factor: SecondFactor | null): AssumedRole {
    const { roleArn, sessionName, externalId, sourceIdentity, tags } = this.#settings;
    const name = sessionName ?? sessionNameOf(this.#parts.dependencies);
    return { roleArn, sessionName: name, seconds, externalId, sourceIdentity, tags, factor };
  }

  #parse(reply: Parameters<typeof parseAssumeRole>[0]): Verdict<Credentials> {
    return parseAssumeRole(reply, this.#settings.roleArn);
  }
}

const refusedTwice = { type: 'unauthorized', detail: 'it refused a session that it had just made' } as const;
