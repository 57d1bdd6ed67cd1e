/**
 * What `aws login` is worth: a session of a principal in one region, tied to the key that its first proof showed. Each
 * refresh token yields one answer: who sends it again while that answer's credentials live gets the same ones.
 */
import { hash } from 'node:crypto';
import type { IssuedKeys, Keys } from '../keys.ts';
import type { Knobs } from '../knobs.ts';
import { opaque } from '../random.ts';
import { type SigninRefusal, signinError } from './errors.ts';

export interface LoginParts {
  readonly knobs: Knobs;
  readonly keys: Keys;
  readonly now: () => number;
}

/** What a person approves at the sign-in page. */
export interface Approval {
  /** Who signs in, such as `arn:aws:sts::111122223333:assumed-role/Admin/dev`. */
  readonly principalArn: string;
  readonly region: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Base64url of the verifier's SHA-256. */
  readonly codeChallenge: string;
}

/** Where and by whom a token is asked for. */
export interface Asking {
  readonly clientId: string;
  readonly region: string;
  /** Of the key that proved itself. */
  readonly thumbprint: string;
}

export interface Redemption extends Asking {
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export interface IssuedLogin {
  readonly principalArn: string;
  readonly keys: IssuedKeys & { readonly sessionToken: string };
  readonly refreshToken: string;
}

interface Session extends Asking {
  readonly principalArn: string;
  readonly endsAt: number;
}

interface Refresher {
  readonly session: Session;
  readonly answer: IssuedLogin | null;
}

interface Code extends Approval {
  readonly expiresAt: number;
}

export class Logins {
  readonly #codes = new Map<string, Code>();
  readonly #refreshers = new Map<string, Refresher>();
  readonly #refused = new Map<string, SigninRefusal>();
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** A person says yes at the sign-in page; the answer is the code that the page sends to the client. */
  approve(approval: Approval): string {
    const code = opaque(32);
    this.#codes.set(code, { ...approval, expiresAt: this.#parts.now() + this.#parts.knobs.authorizationCodeLifeMs });
    return code;
  }

  /** From now on the principal's tokens are refused so; null takes that back. */
  refuse(principalArn: string, refusal: SigninRefusal | null): void {
    if (refusal === null) this.#refused.delete(principalArn);
    else this.#refused.set(principalArn, refusal);
  }

  redeem({ code, codeVerifier, redirectUri, ...asking }: Redemption): IssuedLogin {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    if (found === undefined || this.#parts.now() >= found.expiresAt) {
      throw signinError('AUTHCODE_EXPIRED', 'The authorization code has expired');
    }
    const challenge = hash('sha256', codeVerifier, 'base64url');
    const fits = found.clientId === asking.clientId && found.redirectUri === redirectUri;
    if (!fits || found.region !== asking.region || found.codeChallenge !== challenge) throw invalid();
    this.#checkPrincipal(found.principalArn);
    const endsAt = this.#parts.now() + this.#parts.knobs.loginSessionLifeMs;
    return this.#issue({ ...asking, principalArn: found.principalArn, endsAt });
  }

  refresh(refreshToken: string, { clientId, region, thumbprint }: Asking): IssuedLogin {
    const refresher = this.#refreshers.get(refreshToken);
    if (refresher === undefined) throw invalid();
    const { session, answer } = refresher;
    if (session.clientId !== clientId || session.region !== region || session.thumbprint !== thumbprint)
      throw invalid();
    this.#checkPrincipal(session.principalArn);
    const now = this.#parts.now();
    if (now >= session.endsAt || (answer !== null && now >= answer.keys.expiresAt)) {
      throw signinError('TOKEN_EXPIRED', 'The refresh token has expired');
    }
    if (answer !== null) return answer;
    const issued = this.#issue(session);
    this.#refreshers.set(refreshToken, { session, answer: issued });
    return issued;
  }

  #checkPrincipal(principalArn: string): void {
    const refusal = this.#refused.get(principalArn);
    if (refusal !== undefined) throw signinError(refusal, 'The principal may not');
  }

  #issue(session: Session): IssuedLogin {
    const { principalArn, endsAt } = session;
    const { knobs, keys, now } = this.#parts;
    const principal = { accountId: principalArn.split(':')[4] ?? '', arn: principalArn, userId: opaque(12) };
    const lifeMs = Math.min(knobs.loginCredentialsLifeMs, endsAt - now());
    const refreshToken = opaque(180);
    this.#refreshers.set(refreshToken, { session, answer: null });
    return { principalArn, keys: keys.issue(principal, lifeMs), refreshToken };
  }
}

/** Says no more: another region, another key and an unknown token look the same. */
const invalid = () => signinError('INVALID_REQUEST', 'The request is not valid');
