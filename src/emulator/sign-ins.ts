/**
 * What a person's sign-in is worth: portal sessions, the access tokens and the rotating refresh tokens that hang on them.
 * A session belongs to a start URL, like the browser's: who signs in twice while it lives gets tokens of the same one.
 */
import { type Client, hasAccountScope, isRefreshable } from './clients.ts';
import { oidcError } from './errors.ts';
import type { Knobs } from './knobs.ts';
import { accessToken, opaque, refreshToken } from './random.ts';

export interface PortalSession {
  readonly id: string;
  readonly startUrl: string;
  readonly endsAt: number;
  /** Set by a logout or an administrator. */
  readonly revokedAt: number | null;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly lifeMs: number;
  readonly refreshToken: string | null;
}

interface Bearer {
  readonly sessionId: string;
  readonly familyId: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

interface Refresher {
  readonly sessionId: string;
  /** All tokens that descend from one approval. */
  readonly familyId: string;
  readonly clientId: string;
  readonly replacedAt: number | null;
}

export class SignIns {
  readonly #sessions = new Map<string, PortalSession>();
  readonly #bearers = new Map<string, Bearer>();
  readonly #refreshers = new Map<string, Refresher>();
  readonly #knobs: Knobs;
  readonly #now: () => number;

  constructor(knobs: Knobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  /** The person's live session at this start URL, or a new one. */
  signIn(startUrl: string): PortalSession {
    const live = [...this.#sessions.values()].find((session) => session.startUrl === startUrl && this.#isLive(session));
    if (live !== undefined) return live;
    const endsAt = this.#now() + this.#knobs.sessionLifeMs;
    const session = { id: opaque(12), startUrl, endsAt, revokedAt: null };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The first tokens after an approval. */
  issue(session: PortalSession, client: Client): IssuedTokens {
    const familyId = opaque(12);
    const tokens = this.#grant(session, client, familyId);
    if (!isRefreshable(client)) return { ...tokens, refreshToken: null };
    return {
      ...tokens,
      refreshToken: this.#addRefresher({ sessionId: session.id, familyId, clientId: client.clientId }),
    };
  }

  refresh(token: string, client: Client): IssuedTokens {
    const refresher = this.#refreshers.get(token);
    if (refresher === undefined || refresher.clientId !== client.clientId) throw deadToken();
    this.#refuseReplaced(refresher);
    const session = this.#sessions.get(refresher.sessionId);
    if (session === undefined || !this.#isLive(session)) throw deadToken();
    const tokens = this.#grant(session, client, refresher.familyId);
    return { ...tokens, refreshToken: this.#rotate(token, refresher) };
  }

  /** The session that an access token opens, if the portal still believes in it. */
  bearer(token: string): PortalSession | null {
    const bearer = this.#bearers.get(token);
    const session = this.#sessions.get(bearer?.sessionId ?? '');
    if (bearer === undefined || session === undefined) return null;
    const dead = this.#now() >= bearer.expiresAt || this.#isPast(bearer.revokedAt) || this.#isPast(session.revokedAt);
    return dead ? null : session;
  }

  /** Ends sessions at once: refreshing is refused now, access tokens after the revoke lag. */
  end(selected: (session: PortalSession) => boolean): void {
    for (const session of this.#sessions.values()) {
      if (selected(session))
        this.#sessions.set(session.id, { ...session, revokedAt: session.revokedAt ?? this.#now() });
    }
  }

  /** The access tokens die, the sessions live: a refresh brings a good one. */
  revokeAccessTokens(selected: (familyId: string) => boolean): void {
    for (const [token, bearer] of this.#bearers) {
      if (selected(bearer.familyId))
        this.#bearers.set(token, { ...bearer, revokedAt: bearer.revokedAt ?? this.#now() });
    }
  }

  #grant(session: PortalSession, client: Client, familyId: string): Omit<IssuedTokens, 'refreshToken'> {
    const full = hasAccountScope(client) ? this.#knobs.accessTokenLifeMs : this.#knobs.legacyTokenLifeMs;
    const lifeMs = Math.min(full, session.endsAt - this.#now());
    const token = accessToken();
    const bearer = { sessionId: session.id, familyId, expiresAt: this.#now() + lifeMs, revokedAt: null };
    this.#bearers.set(token, bearer);
    return { accessToken: token, lifeMs };
  }

  #addRefresher(origin: Omit<Refresher, 'replacedAt'>): string {
    const token = refreshToken();
    this.#refreshers.set(token, { ...origin, replacedAt: null });
    return token;
  }

  #rotate(token: string, refresher: Refresher): string | null {
    if (this.#knobs.rotation === 'never') return token;
    if (this.#knobs.rotation === 'omit') return null;
    this.#refreshers.set(token, { ...refresher, replacedAt: refresher.replacedAt ?? this.#now() });
    return this.#addRefresher(refresher);
  }

  #refuseReplaced({ replacedAt, familyId }: Refresher): void {
    const policy = this.#knobs.oldToken;
    if (replacedAt === null || policy === 'valid') return;
    if (typeof policy === 'object' && this.#now() < replacedAt + policy.graceMs) return;
    if (policy === 'revokeFamily') this.#revokeFamily(familyId);
    throw deadToken();
  }

  #revokeFamily(familyId: string): void {
    this.revokeAccessTokens((id) => id === familyId);
    for (const [token, refresher] of this.#refreshers)
      if (refresher.familyId === familyId) this.#refreshers.delete(token);
  }

  #isLive(session: PortalSession): boolean {
    return session.revokedAt === null && this.#now() < session.endsAt;
  }

  #isPast(revokedAt: number | null): boolean {
    return revokedAt !== null && this.#now() >= revokedAt + this.#knobs.revokeLagMs;
  }
}

const deadToken = () => oidcError('InvalidGrantException', 'Invalid refresh token provided');
