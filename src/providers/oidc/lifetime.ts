/** How long tokens live, and when they are refreshed. */
import { decodeJwt } from 'jose';
import { type EpochMs, epoch } from '../../core/types.ts';

const minute = 60_000;
/** RFC 6749 section 5.1 only recommends to say it; this is what most issuers mean. */
const assumedMs = 60 * minute;

/** Opaque to us where it is no JWT: the issuer and its APIs judge access tokens, these are hints for clocks. */
interface Times {
  readonly expiresAt: EpochMs | null;
  readonly issuedAt: EpochMs | null;
}

export const timesOf = (accessToken: string): Times => {
  try {
    const { exp, iat } = decodeJwt(accessToken);
    return { expiresAt: moment(exp), issuedAt: moment(iat) };
  } catch {
    return { expiresAt: null, issuedAt: null };
  }
};

const moment = (seconds: unknown): EpochMs | null =>
  typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? epoch(seconds * 1000) : null;

/**
 * The life of a token that has just been issued. By the issuer's own word as far as possible (`expires_in`, of which 0
 * says nothing, but never longer than the token's own), so that a wrong clock here does no harm.
 */
export const lifetimeOf = (accessToken: string, expiresInSeconds: number | null, now: EpochMs): number => {
  const { expiresAt, issuedAt } = timesOf(accessToken);
  const whole = expiresAt === null ? 0 : expiresAt - (issuedAt ?? now);
  const left = expiresAt === null ? 0 : expiresAt - now;
  const said = (expiresInSeconds ?? 0) * 1000;
  return shortest(said > 0 ? [said, whole] : [left, whole]) ?? assumedMs;
};

const shortest = (candidates: readonly number[]): number | null => {
  const possible = candidates.filter((ms) => ms > 0);
  return possible.length > 0 ? Math.min(...possible) : null;
};

/**
 * `share` (0.85 to 1) keeps many machines from coming at once. Never later than five minutes before the end, except
 * that a token is always used for half its life: a shorter one would be refreshed without end.
 */
export const leadMs = (lifetimeMs: number, share: number): number =>
  Math.max(share * Math.min(lifetimeMs / 3, 15 * minute), Math.min(5 * minute, lifetimeMs / 2));

export const drawShare = (): number => {
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  return 0.85 + 0.15 * (draw / 2 ** 32);
};
