/** `/api/auth`: tokens for a tool that waits, who a token speaks for, and the end of a session. */
import { type Answer, type Handler, json } from '../call.ts';
import { opaque } from '../random.ts';
import { blockedByFirewall, refusal } from './errors.ts';
import { parseObject } from './jwt.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Logins } from './logins.ts';
import { bodyOf, type Reaction } from './request.ts';
import type { Person, Session, Sessions } from './sessions.ts';

export interface AuthenticationParts {
  readonly knobs: TenantKnobs;
  readonly logins: Logins;
  readonly sessions: Sessions;
}

/** One poll of a tool that waits. */
export const retrieveTokens =
  ({ knobs, logins }: AuthenticationParts): Handler =>
  (call) => {
    if (call.body.includes('--')) return blockedByFirewall(403);
    const parameters = parseObject(JSON.stringify(bodyOf(call)['authParameters'] ?? null)) ?? {};
    const verifier = parameters['cliToken'];
    if (typeof verifier !== 'string' || verifier === '') throw refusal(400, 'E1000', 'Missing "cliToken"');
    const fetched = logins.fetch(verifier);
    if (fetched.type === 'session') return json(200, { authenticationResult: tokens(fetched.session) });
    if (fetched.type === 'refused') throw refusal(401, 'AU-0019', 'CLI authentication failed');
    return pending(knobs.pendingStatus);
  };

function pending(status: TenantKnobs['pendingStatus']): Answer {
  if (status === 200) return json(200, { authenticationResult: { success: false } });
  throw refusal(status, 'AU-0020', 'Bad CLI token');
}

/** Who the token speaks for. */
export const validate: Reaction = ({ caller }) => {
  if (caller.scheme === 'TOKEN' && caller.apiToken.type === 'SCIM') throw refusal(400, 'E1000', 'Bad request');
  return json(200, { authenticationResult: identity(caller.person) });
};

/** Ends a session; whoever came through SAML must say so, and nobody else may. */
export const logout =
  ({ sessions }: AuthenticationParts): Reaction =>
  ({ call, caller }) => {
    if (caller.scheme !== 'Bearer') throw refusal(400, 'E1000', 'Only a session can be logged out');
    const isSso = caller.person.userName.startsWith('SAML');
    if ((call.query.get('type') === 'sso') !== isSso) throw refusal(400, 'E1000', 'Wrong type of logout');
    sessions.end(({ id }) => id === caller.session.id);
    return { status: 204, headers: {}, body: '' };
  };

const identity = ({ userId, userName }: Person) => ({
  userId,
  username: userName,
  user: userName.replace(/^SAML_/, ''),
  type: 'CLI',
  success: true,
  challengeParameters: null,
});

const tokens = ({ token, person, startedAt, lifeMs }: Session) => ({
  ...identity(person),
  accessToken: token,
  // No client can redeem it: it belongs to an authorization server that the tenant does not name.
  refreshToken: opaque(90),
  authTime: startedAt,
  maxSessionTimeout: lifeMs,
});
