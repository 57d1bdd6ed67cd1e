/**
 * OpenID Connect Core section 3.1.3.7, with jose and our own clock. oauth4webapi never sees an ID token: it judges by the
 * machine's clock, and a fault in one would cost the tokens that came with it.
 */

import type { JWKSCacheInput, JWTPayload, JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, customFetch, errors, jwksCache, jwtVerify } from 'jose';
import type { AuthorizationServer } from 'oauth4webapi';
import type { Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import { fetchOver, SendFailed, type Wire } from './wire.ts';

/** The issuer's keys as they were last read. */
export type IssuerKeys = JWKSCacheInput;

/** As small as clocks that are set by the network need it. */
const skewSeconds = 60;

const keysKeptMs = 24 * 60 * 60_000;

/** None that takes a shared secret, and not "none". */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export interface Expected {
  readonly metadata: AuthorizationServer;
  readonly clientId: string;
  /** Null where none was sent. */
  readonly nonce: string | null;
  /** Whose ID token there was before; null for the first one. */
  readonly subject: string | null;
}

/** `bad` says in a few words what is wrong with it. */
type IdTokenVerdict = Verdict<{ readonly subject: string }> | { readonly type: 'bad'; readonly what: string };

export const verifyIdToken = async (
  text: string,
  expected: Expected,
  { keys, wire }: { readonly keys: IssuerKeys; readonly wire: Wire },
): Promise<IdTokenVerdict> => {
  const { metadata, clientId } = expected;
  if (metadata.jwks_uri === undefined) return bad('the issuer publishes no keys');
  try {
    const { payload } = await jwtVerify(text, keySet(metadata.jwks_uri, keys, wire), {
      issuer: metadata.issuer,
      audience: clientId,
      algorithms: allowed(metadata),
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(wire.http.clock.now()),
      clockTolerance: skewSeconds,
    });
    const what = complaint(payload, expected);
    return what === null ? { type: 'ok', value: { subject: String(payload.sub) } } : bad(what);
  } catch (thrown) {
    return judge(thrown);
  }
};

/**
 * A key we have not seen is looked for at once, for there is one token to verify at a time. Known ones last a day: the
 * tokens came from the issuer itself, over TLS.
 */
const keySet = (url: string, keys: IssuerKeys, wire: Wire): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    [customFetch]: (target, init) => fetchOver(wire)(target, { method: init.method, headers: init.headers }),
    [jwksCache]: keys,
    cooldownDuration: 0,
    cacheMaxAge: keysKeptMs,
  });

/** OpenID Connect Discovery section 3 lets no issuer do without RS256. */
const allowed = ({ id_token_signing_alg_values_supported: published }: AuthorizationServer): string[] =>
  algorithms.filter((name) => (published ?? ['RS256']).includes(name));

const complaint = ({ aud, azp, nonce, sub }: JWTPayload, expected: Expected): string | null => {
  const shared = Array.isArray(aud) && aud.length > 1;
  if ((shared || azp !== undefined) && azp !== expected.clientId) return 'its "azp" is another client';
  if (expected.nonce !== null && nonce !== expected.nonce) return 'its "nonce" is not the one we sent';
  return expected.subject !== null && sub !== expected.subject ? 'its "sub" is somebody else' : null;
};

const judge = (thrown: unknown): IdTokenVerdict => {
  if (thrown instanceof SendFailed) return transientOf(thrown.failure);
  if (thrown instanceof errors.JWKSTimeout) return transient('timeout', 'the keys of the issuer did not come in time');
  if (thrown instanceof errors.JWTExpired) return bad('it has expired');
  if (thrown instanceof errors.JWTClaimValidationFailed)
    return bad(claims[thrown.claim] ?? 'one of its claims is wrong');
  if (thrown instanceof errors.JOSEAlgNotAllowed) return bad('it is signed in a way the issuer does not announce');
  if (thrown instanceof errors.JWKSNoMatchingKey) return bad('it is signed with a key the issuer does not publish');
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return bad('its signature is wrong');
  if (thrown instanceof errors.JWTInvalid || thrown instanceof errors.JWSInvalid) return bad('it is no signed token');
  return transient('bad-body', 'the keys of the issuer could not be read');
};

const claims: Readonly<Record<string, string>> = {
  iss: 'its "iss" is another issuer',
  aud: 'its "aud" is another client',
  nbf: 'it is not good yet',
  sub: 'its "sub" is missing',
  iat: 'its "iat" is missing',
  exp: 'its "exp" is missing',
};

const bad = (what: string): IdTokenVerdict => ({ type: 'bad', what });
