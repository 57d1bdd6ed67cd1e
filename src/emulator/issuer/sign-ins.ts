/**
 * What a person's sign-in at the issuer is worth: access tokens, and refresh tokens that rotate. A refresh token that
 * was replaced and comes again has been stolen, by one of the two: what happens then is a knob (RFC 9700, 4.14.2).
 */
import { opaque } from '../random.ts';
import { oauthError } from './errors.ts';
import type { IssuerClient, IssuerKnobs } from './knobs.ts';

/** What the person agreed to. */
export interface Approval {
  readonly client: IssuerClient;
  readonly scopes: readonly string[];
  readonly audience: string | null;
  readonly nonce: string | null;
}

export interface SignIn extends Approval {
  readonly id: string;
  readonly signedInAt: number;
  readonly endsAt: number;
  readonly isRevoked: boolean;
}

export interface Bearer {
  readonly signInId: string;
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

interface Refresher {
  readonly signInId: string;
  readonly replacedAt: number | null;
}

export interface Renewed {
  readonly signIn: SignIn;
  /** Null where the answer has none, and the old one stays good. */
  readonly refreshToken: string | null;
}

export class IssuerSignIns {
  readonly #signIns = new Map<string, SignIn>();
  readonly #bearers = new Map<string, Bearer>();
  readonly #refreshers = new Map<string, Refresher>();
  readonly #knobs: IssuerKnobs;
  readonly #now: () => number;

  constructor(knobs: IssuerKnobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  begin(approval: Approval): SignIn {
    const signedInAt = this.#now();
    const endsAt = signedInAt + this.#knobs.sessionLifeMs;
    const signIn = { ...approval, id: opaque(12), signedInAt, endsAt, isRevoked: false };
    this.#signIns.set(signIn.id, signIn);
    return signIn;
  }

  /** The first refresh token of a sign-in, null for one that gets none. */
  firstRefreshToken(signIn: SignIn): string | null {
    const { refreshTokens, placeholder } = this.#knobs;
    if (placeholder !== null) return placeholder;
    const isDue = refreshTokens === 'always' || signIn.scopes.includes('offline_access');
    return refreshTokens !== 'never' && isDue ? this.#addRefresher(signIn.id) : null;
  }

  addBearer(accessToken: string, signIn: SignIn, expiresAt: number): void {
    this.#bearers.set(accessToken, { signInId: signIn.id, expiresAt, isRevoked: false });
  }

  refresh(refreshToken: string, client: IssuerClient): Renewed {
    const refresher = this.#refreshers.get(refreshToken);
    const signIn = this.#signIns.get(refresher?.signInId ?? '');
    if (refresher === undefined || signIn?.client.clientId !== client.clientId) throw deadToken();
    this.#refuseReplaced(refresher);
    if (!this.#isLive(signIn)) throw deadToken();
    return { signIn, refreshToken: this.#rotate(refreshToken, refresher) };
  }

  /** The sign-in that an access token stands for, while it lives. */
  bearer(accessToken: string): SignIn | null {
    const bearer = this.#bearers.get(accessToken);
    const signIn = this.#signIns.get(bearer?.signInId ?? '');
    if (bearer === undefined || signIn === undefined) return null;
    return bearer.isRevoked || signIn.isRevoked || this.#now() >= bearer.expiresAt ? null : signIn;
  }

  /** RFC 7009: a refresh token takes the whole sign-in with it, an access token only itself. */
  revoke(token: string, client: IssuerClient): void {
    const signInId = this.#refreshers.get(token)?.signInId ?? this.#bearers.get(token)?.signInId ?? '';
    if (this.#signIns.get(signInId)?.client.clientId !== client.clientId) return;
    if (this.#refreshers.has(token)) this.end((signIn) => signIn.id === signInId);
    const bearer = this.#bearers.get(token);
    if (bearer !== undefined) this.#bearers.set(token, { ...bearer, isRevoked: true });
  }

  /** Nothing of these sign-ins is good any longer. */
  end(selected: (signIn: SignIn) => boolean): void {
    for (const signIn of this.#signIns.values()) {
      if (selected(signIn)) this.#signIns.set(signIn.id, { ...signIn, isRevoked: true });
    }
  }

  /** The refresh tokens live: a refresh brings a good access token. */
  revokeAccessTokens(): void {
    for (const [token, bearer] of this.#bearers) this.#bearers.set(token, { ...bearer, isRevoked: true });
  }

  /** The access tokens live until their time. */
  forgetRefreshTokens(): void {
    this.#refreshers.clear();
  }

  #addRefresher(signInId: string): string {
    const token = opaque(40);
    this.#refreshers.set(token, { signInId, replacedAt: null });
    return token;
  }

  #rotate(token: string, refresher: Refresher): string | null {
    if (this.#knobs.rotation === 'never') return token;
    if (this.#knobs.rotation === 'omit') return null;
    this.#refreshers.set(token, { ...refresher, replacedAt: refresher.replacedAt ?? this.#now() });
    return this.#addRefresher(refresher.signInId);
  }

  #refuseReplaced({ replacedAt, signInId }: Refresher): void {
    const policy = this.#knobs.oldToken;
    if (replacedAt === null || policy === 'valid') return;
    if (typeof policy === 'object' && this.#now() < replacedAt + policy.graceMs) return;
    if (policy === 'revokeFamily') this.end((signIn) => signIn.id === signInId);
    throw deadToken();
  }

  #isLive(signIn: SignIn): boolean {
    return !signIn.isRevoked && this.#now() < signIn.endsAt;
  }
}

const deadToken = () => oauthError('invalid_grant', 'The refresh token is unknown, was used or has expired');
