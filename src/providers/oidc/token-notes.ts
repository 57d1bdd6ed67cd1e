/** What is known of a session's access tokens beside their record. Memory alone: after a restart the record is all there is. */
import { decodeJwt } from 'jose';
import type { EpochMs, SessionRecord } from '../../core/types.ts';

export interface TokenNote {
  readonly obtainedAt: EpochMs;
  /** Null where the issuer sent none. */
  readonly idToken: HeldIdToken | null;
}

export interface HeldIdToken {
  readonly text: string;
  /** Whose it is, or has to be; null where that is not known before it is verified. */
  readonly subject: string | null;
  readonly isVerified: boolean;
}

/** The one in use, and what sign-ins and refreshes beside it may bring. */
const most = 4;

export class TokenNotes {
  readonly #byToken = new Map<string, TokenNote>();

  note(accessToken: string, note: TokenNote): void {
    this.#byToken.delete(accessToken);
    this.#byToken.set(accessToken, note);
    const [oldest] = this.#byToken.keys();
    if (this.#byToken.size > most && oldest !== undefined) this.#byToken.delete(oldest);
  }

  of(accessToken: string): TokenNote | null {
    return this.#byToken.get(accessToken) ?? null;
  }

  /** As noted, or as it was stored before a restart; null where none came. */
  idTokenOf({ accessToken, idToken }: SessionRecord): HeldIdToken | null {
    const noted = this.of(accessToken)?.idToken ?? null;
    if (noted !== null || idToken === null) return noted;
    return { text: idToken, subject: subjectOf(idToken), isVerified: false };
  }

  forget(accessToken: string): void {
    this.#byToken.delete(accessToken);
  }

  forgetAll(): void {
    this.#byToken.clear();
  }
}

const subjectOf = (idToken: string): string | null => {
  try {
    return decodeJwt(idToken).sub ?? null;
  } catch {
    return null;
  }
};
