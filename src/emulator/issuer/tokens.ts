/** Access tokens (RFC 9068 where they are JWTs) and ID tokens (OpenID Connect Core 2). */
import { hash } from 'node:crypto';
import { opaque } from '../random.ts';
import type { IssuerParts } from './parts.ts';
import type { SignIn } from './sign-ins.ts';

export function newAccessToken(parts: IssuerParts, signIn: SignIn): string {
  const { knobs, now, signIns, keys } = parts;
  const lifeMs = knobs.accessTokenLifeMs;
  const token =
    knobs.accessTokens === 'opaque'
      ? opaque(40)
      : keys.signed('at+jwt', {
          ...timed(parts, lifeMs),
          aud: signIn.audience ?? `${parts.url()}/api`,
          client_id: signIn.client.clientId,
          scope: signIn.scopes.join(' '),
          jti: opaque(12),
        });
  signIns.addBearer(token, signIn, now() + lifeMs);
  return token;
}

export function newIdToken(parts: IssuerParts, signIn: SignIn): string {
  const { knobs, keys } = parts;
  return keys.signedAsTold('JWT', {
    ...timed(parts, knobs.idTokenLifeMs),
    aud: signIn.client.clientId,
    auth_time: Math.floor(signIn.signedInAt / 1000),
    email: parts.people.userName,
    ...(signIn.nonce !== null && { nonce: signIn.nonce }),
    ...knobs.idTokenClaims,
  });
}

function timed({ knobs, now, url, people }: IssuerParts, lifeMs: number) {
  const issuedAt = now() + knobs.clockOffsetMs;
  const sub = subjectOf(people.userName);
  return { iss: url(), sub, iat: Math.floor(issuedAt / 1000), exp: Math.floor((issuedAt + lifeMs) / 1000) };
}

/** The same person is the same subject in every token. */
export const subjectOf = (userName: string): string => hash('sha256', userName).slice(0, 24);
