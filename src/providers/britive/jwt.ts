/** Reads a session token without trusting it: the tenant alone judges it, these are hints for clocks and messages. */
import { decodeJwt } from 'jose';
import { type EpochMs, epoch } from '../../core/types.ts';

interface TokenHints {
  readonly expiresAt: EpochMs | null;
  /** `SAML_…` for a user who signs in through SAML. */
  readonly username: string | null;
}

const unknown: TokenHints = { expiresAt: null, username: null };

export const readToken = (token: string): TokenHints => {
  try {
    const { exp, username } = decodeJwt(token);
    const seconds = typeof exp === 'number' && Number.isFinite(exp) && exp > 0 ? exp : null;
    return {
      expiresAt: seconds === null ? null : epoch(seconds * 1000),
      username: typeof username === 'string' ? username : null,
    };
  } catch {
    return unknown;
  }
};

/** Of the token itself, or of the one within a workload's `OIDC::…`. */
export const tokenExpiry = (token: string): EpochMs | null => readToken(token.replace(/^[A-Z]+::/, '')).expiresAt;

/** The shape of a session token: three parts, far longer than any API token. */
export const isJwt = (token: string): boolean => token.length >= 50 && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
