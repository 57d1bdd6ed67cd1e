/** A role for whoever holds an ID token: from a file that others keep fresh, or from a session of ours. */
import type { Credentials, Verdict } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { denied, isTooLong } from './errors.ts';
import { parseWebIdentity, requestWebIdentity } from './operations.ts';
import { callOf, hourSeconds, type Parts } from './parts.ts';
import { SessionLength } from './session-length.ts';
import { sessionNameOf } from './session-name.ts';
import type { StsLease, StsRequest, WebIdentitySettings } from './types.ts';

/** Whoever writes the file does so before long. */
const rotationMs = 30_000;

export const openWebIdentity = (parts: Parts, settings: WebIdentitySettings): StsLease => {
  const identity = new Identity(parts, settings);
  return { renewal: 'overlap', prefetch: true, acquire: (request) => identity.acquire(request) };
};

class Identity {
  readonly #parts: Parts;
  readonly #settings: WebIdentitySettings;
  readonly #length: SessionLength;
  #refused: string | null = null;

  constructor(parts: Parts, settings: WebIdentitySettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#length = new SessionLength(settings, parts.dependencies.warn);
  }

  async acquire(request: StsRequest): Promise<Verdict<Credentials>> {
    const { tokenFile } = this.#settings;
    if (tokenFile !== null) return this.#fromFile(tokenFile, request.signal);
    if (request.idToken !== null) return this.#assume(request.idToken, request.signal);
    return denied('bad-request', 'its session has no ID token; add the scope "openid" and sign in again');
  }

  /** Read anew every time, and once more after a refusal: it may have been replaced just then. */
  async #fromFile(path: string, signal: AbortSignal): Promise<Verdict<Credentials>> {
    const token = await this.#read(path);
    if (token === null) return noToken(path);
    const verdict = await this.#assume(token, signal);
    if (verdict.type !== 'unauthorized') return verdict;
    const next = await this.#read(path);
    if (next === null || next === token) return this.#refusedAgain(path, token);
    const second = await this.#assume(next, signal);
    return second.type === 'unauthorized' ? this.#refusedAgain(path, next) : second;
  }

  #refusedAgain(path: string, token: string): Verdict<never> {
    const isFirst = this.#refused !== token;
    this.#refused = token;
    if (isFirst) return transient('5xx', `AWS refuses the token in "${path}"`, rotationMs);
    return denied('forbidden', `AWS refuses the token in "${path}", and nobody has replaced it`);
  }

  async #read(path: string): Promise<string | null> {
    return (await this.#parts.dependencies.readText(path))?.trim() || null;
  }

  async #assume(token: string, signal: AbortSignal): Promise<Verdict<Credentials>> {
    const { roleArn } = this.#settings;
    const call = callOf(this.#parts, this.#settings, { keys: null, signal });
    const sessionName = this.#settings.sessionName ?? sessionNameOf(this.#parts.dependencies);
    const request = (seconds: number) => requestWebIdentity(call, { roleArn, sessionName, seconds, token });
    const seconds = this.#length.full();
    const reply = await request(seconds);
    const isShortened = isTooLong(reply) && seconds > hourSeconds;
    return parseWebIdentity(isShortened ? await request(this.#length.shorten()) : reply, roleArn);
  }
}

const noToken = (path: string) => denied('bad-request', `"${path}" holds no token`);
