import { UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import { drawShare, leadMs, lifetimeOf, timesOf } from '../../../src/providers/oidc/lifetime.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

const now = epoch(Date.parse('2026-11-21T09:00:00Z'));

const token = (claims: object): string => new UnsecuredJWT({ ...claims }).encode();
const jwt = (issuedMs: number | null, expiresMs: number | null): string =>
  token({
    ...(issuedMs !== null && { iat: (now + issuedMs) / 1000 }),
    ...(expiresMs !== null && { exp: (now + expiresMs) / 1000 }),
  });

describe('the lead', () => {
  it.each([
    ['a day', hours(24), 15],
    ['an hour', hours(1), 15],
    ['45 minutes', minutes(45), 15],
    ['30 minutes', minutes(30), 10],
    ['15 minutes', minutes(15), 5],
    ['12 minutes', minutes(12), 5],
    ['10 minutes', minutes(10), 5],
    ['6 minutes', minutes(6), 3],
    ['1 minute', minutes(1), 0.5],
    ['an unknown life', Number.POSITIVE_INFINITY, 15],
  ])('of a token that lives %s is at most a third of it, and five minutes at least', (_what, lifeMs, most) => {
    expect(leadMs(lifeMs, 1)).toBe(minutes(most));
    expect(leadMs(lifeMs, 0.85)).toBe(Math.max(minutes(most) * 0.85, Math.min(minutes(5), lifeMs / 2)));
  });

  it('is drawn once for a session, between 85 and 100 percent', () => {
    const shares = Array.from({ length: 200 }, drawShare);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.85);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(new Set(shares).size).toBeGreaterThan(100);
  });
});

describe('the life of a token just issued', () => {
  it.each([
    ['opaque, with expires_in', 'opaque', 600, minutes(10)],
    ['opaque, without', 'opaque', null, hours(1)],
    ['opaque, with an expires_in of 0, which says nothing', 'opaque', 0, hours(1)],
    ['a JWT with both', jwt(0, minutes(20)), 1200, minutes(20)],
    ['a JWT without expires_in', jwt(0, minutes(20)), null, minutes(20)],
    ['a JWT that ends before expires_in', jwt(0, minutes(5)), 1200, minutes(5)],
    ['a JWT that the issuer had at hand', jwt(-minutes(15), minutes(5)), 300, minutes(5)],
    ['the same without expires_in', jwt(-minutes(15), minutes(5)), null, minutes(5)],
    ['a JWT without iat', jwt(null, minutes(20)), null, minutes(20)],
    ['a JWT without exp', jwt(0, null), null, hours(1)],
    ['a JWT whose times are text', token({ exp: 'soon', iat: 'now' }), null, hours(1)],
  ])('%s', (_what, accessToken, expiresIn, lifeMs) => {
    expect(lifetimeOf(accessToken, expiresIn, now)).toBe(lifeMs);
  });

  it.each([
    ['two hours ahead', -hours(2), 1200, minutes(20)],
    ['two hours ahead, without expires_in', -hours(2), null, minutes(20)],
    ['two hours behind', hours(2), 1200, minutes(20)],
    ['two hours behind, without expires_in', hours(2), null, minutes(20)],
  ])('is the same by a clock of ours that is %s', (_what, offsetMs, expiresIn, lifeMs) => {
    expect(lifetimeOf(jwt(offsetMs, offsetMs + minutes(20)), expiresIn, now)).toBe(lifeMs);
  });
});

it('reads times only from what is a JWT', () => {
  expect(timesOf(jwt(0, seconds(60)))).toEqual({ expiresAt: now + seconds(60), issuedAt: now });
  for (const text of ['', 'opaque', 'a.b', 'a.b.c', '..']) {
    expect(timesOf(text)).toEqual({ expiresAt: null, issuedAt: null });
  }
});
