/** The authorization code grant with PKCE (RFC 7636, S256 alone), issuer side. */
import { hash } from 'node:crypto';
import { opaque } from '../random.ts';
import { oauthError } from './errors.ts';
import type { IssuerClient, IssuerKnobs } from './knobs.ts';
import type { Approval, IssuerSignIns, SignIn } from './sign-ins.ts';

/** A checked request that waits for a person. */
export interface AuthorizationRequest extends Approval {
  readonly id: string;
  /** With the port the client listens on. */
  readonly redirectUri: string;
  readonly state: string | null;
  readonly codeChallenge: string;
}

interface Code {
  readonly request: AuthorizationRequest;
  readonly expiresAt: number;
  /** Of the one redemption. */
  readonly signInId: string | null;
}

export interface CodeProof {
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

export class Authorizations {
  readonly #requests = new Map<string, AuthorizationRequest>();
  readonly #codes = new Map<string, Code>();
  readonly #knobs: IssuerKnobs;
  readonly #signIns: IssuerSignIns;
  readonly #now: () => number;

  constructor(knobs: IssuerKnobs, signIns: IssuerSignIns, now: () => number) {
    this.#knobs = knobs;
    this.#signIns = signIns;
    this.#now = now;
  }

  ask(request: Omit<AuthorizationRequest, 'id'>): AuthorizationRequest {
    const asked = { ...request, id: opaque(16) };
    this.#requests.set(asked.id, asked);
    return asked;
  }

  /** The request under this identifier, once: a page that is sent twice finds nothing. */
  take(id: string): AuthorizationRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  approve(request: AuthorizationRequest): string {
    const code = opaque(40);
    this.#codes.set(code, { request, expiresAt: this.#now() + this.#knobs.authorizationCodeLifeMs, signInId: null });
    return code;
  }

  expireAll(): void {
    for (const [code, entry] of this.#codes) this.#codes.set(code, { ...entry, expiresAt: this.#now() });
  }

  redeem(code: string, client: IssuerClient, proof: CodeProof): SignIn {
    const entry = this.#codes.get(code);
    if (entry === undefined || entry.request.client.clientId !== client.clientId) throw refused('is unknown');
    if (entry.signInId !== null) {
      // RFC 6749, 4.1.2: whoever comes second may be the one it was meant for.
      this.#signIns.end((signIn) => signIn.id === entry.signInId);
      throw refused('was used already');
    }
    if (this.#now() >= entry.expiresAt) throw refused('has expired');
    if (!proves(entry.request, proof)) throw refused('does not fit its verifier or redirect address');
    const signIn = this.#signIns.begin(entry.request);
    this.#codes.set(code, { ...entry, signInId: signIn.id });
    return signIn;
  }
}

const refused = (what: string) => oauthError('invalid_grant', `The authorization code ${what}`);

const proves = (request: AuthorizationRequest, { redirectUri, codeVerifier }: CodeProof): boolean =>
  redirectUri === request.redirectUri &&
  /^[\w.~-]{43,128}$/.test(codeVerifier) &&
  hash('sha256', codeVerifier, 'base64url') === request.codeChallenge;
