/** The authorization code grant with PKCE (RFC 7636, S256 alone), server side. */
import { hash } from 'node:crypto';
import type { Client } from './clients.ts';
import { oidcError } from './errors.ts';
import type { Knobs } from './knobs.ts';
import { opaque } from './random.ts';
import type { PortalSession, SignIns } from './sign-ins.ts';

/** A checked request to `/authorize` that waits for a person. */
export interface SignInRequest {
  readonly id: string;
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly startUrl: string;
  /** With the port the client listens on. */
  readonly redirectUri: string;
  readonly state: string | null;
  readonly codeChallenge: string;
}

interface Code {
  readonly request: SignInRequest;
  readonly session: PortalSession;
  readonly expiresAt: number;
  readonly redeemed: boolean;
}

export interface CodeProof {
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

export class AuthorizationCodes {
  readonly #requests = new Map<string, SignInRequest>();
  readonly #codes = new Map<string, Code>();
  readonly #knobs: Knobs;
  readonly #signIns: SignIns;
  readonly #now: () => number;

  constructor(knobs: Knobs, signIns: SignIns, now: () => number) {
    this.#knobs = knobs;
    this.#signIns = signIns;
    this.#now = now;
  }

  ask(request: Omit<SignInRequest, 'id'>): SignInRequest {
    const asked = { ...request, id: opaque(16) };
    this.#requests.set(asked.id, asked);
    return asked;
  }

  /** The request under this identifier, once: a page that is sent twice finds nothing. */
  take(id: string): SignInRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  /** Where the browser goes next: back to the client with a code, or with the refusal. */
  decide(request: SignInRequest, allow: boolean): string {
    if (!allow)
      return redirect(request, { error: 'access_denied', error_description: 'The person refused the request' });
    const code = opaque(120);
    const expiresAt = this.#now() + this.#knobs.authorizationCodeLifeMs;
    this.#codes.set(code, { request, session: this.#signIns.signIn(request.startUrl), expiresAt, redeemed: false });
    return redirect(request, { code });
  }

  expireAll(): void {
    for (const [code, entry] of this.#codes) this.#codes.set(code, { ...entry, expiresAt: this.#now() });
  }

  redeem(code: string, client: Client, proof: CodeProof): PortalSession {
    const entry = this.#codes.get(code);
    if (entry === undefined || entry.redeemed || entry.request.client.clientId !== client.clientId) {
      throw oidcError('InvalidGrantException', 'Invalid authorization code provided');
    }
    if (this.#now() >= entry.expiresAt) throw oidcError('ExpiredTokenException', 'Authorization code has expired');
    if (!proves(entry.request, proof))
      throw oidcError('InvalidGrantException', 'Invalid code verifier or redirect uri');
    this.#codes.set(code, { ...entry, redeemed: true });
    return entry.session;
  }
}

export function redirect(
  { redirectUri, state }: Pick<SignInRequest, 'redirectUri' | 'state'>,
  parameters: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams(parameters);
  if (state !== null) query.set('state', state);
  return `${redirectUri}?${query}`;
}

const proves = (request: SignInRequest, { redirectUri, codeVerifier }: CodeProof): boolean =>
  redirectUri === request.redirectUri &&
  /^[\w.~-]{43,128}$/.test(codeVerifier) &&
  hash('sha256', codeVerifier, 'base64url') === request.codeChallenge;
