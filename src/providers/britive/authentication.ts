/** The calls about the session itself. */
import { positiveField, textField } from '../json-reply.ts';
import { ask, get, post } from './ask.ts';
import type { Call } from './connection.ts';
import { isJwt, readToken } from './jwt.ts';
import type { Parsed, Reply } from './reply.ts';
import { isObject, parse } from './reply.ts';
import type { EpochMs, TokenType } from './types.ts';
import { epoch } from './types.ts';

export interface IssuedSession {
  readonly accessToken: string;
  /** Null where neither the token nor the answer says. */
  readonly expiresAt: EpochMs | null;
}

type LoginPoll = { readonly type: 'pending' } | Parsed<IssuedSession>;

export const requestSession = (call: Call, verifier: string): Promise<Reply> =>
  ask(call, post('/api/auth/cli/retrieve-tokens', { authParameters: { cliToken: verifier } }));

/** Which refusal means that nobody has come yet is written nowhere: all do, but for those that no wait changes. */
export const parseLoginPoll = (reply: Reply): LoginPoll => {
  const parsed = parse(reply, (body) =>
    isObject(body) ? (sessionOf(body['authenticationResult']) ?? null) : undefined,
  );
  if (parsed.type === 'refused') return parsed.class === 'blocked' ? parsed : { type: 'pending' };
  if (parsed.type !== 'ok') return parsed;
  return parsed.value === null ? { type: 'pending' } : { ...parsed, value: parsed.value };
};

/** The refresh token beside it belongs to another service; it is dropped here. */
const sessionOf = (result: unknown): IssuedSession | null => {
  const accessToken = isObject(result) ? textField(result, 'accessToken') : null;
  if (accessToken === null || !isObject(result)) return null;
  const authTime = positiveField(result, 'authTime');
  const lifeMs = positiveField(result, 'maxSessionTimeout');
  const stated = authTime === null || lifeMs === null ? null : epoch(authTime + lifeMs);
  return { accessToken, expiresAt: readToken(accessToken).expiresAt ?? stated };
};

export const requestValidation = (call: Call): Promise<Reply> => ask(call, post('/api/auth/validate', null));

export const parseValidation = (reply: Reply, tokenType: TokenType | null): Parsed<null> => {
  const parsed = parse(reply, () => null);
  // SCIM tokens have nobody to name, and are good all the same: `E1000`.
  const nobody =
    reply.type === 'reply' && reply.status === 400 && isObject(reply.body) && reply.body['errorCode'] === 'E1000';
  return nobody && tokenType === 'TOKEN' ? { type: 'ok', value: null } : parsed;
};

export const requestHealth = (call: Call): Promise<Reply> => ask(call, get('/api/health'));

export const parseHealth = (reply: Reply): Parsed<null> => parse(reply, () => null);

export const requestLogout = (call: Call, username: string | null): Promise<Reply> => {
  const path = username?.startsWith('SAML') ? '/api/auth?type=sso' : '/api/auth';
  return ask(call, { method: 'DELETE', path, body: null });
};

/** A session that has ended already needs no ending. */
export const parseLogout = (reply: Reply): Parsed<null> => {
  const parsed = parse(reply, () => null);
  return parsed.type === 'refused' && parsed.class === 'auth' ? { type: 'ok', value: null } : parsed;
};

/** How a token that was pasted has to be sent; what is stored keeps its type. */
export const tokenTypeOf = (token: string): TokenType => {
  if (token.includes('::')) return 'WorkloadToken';
  return isJwt(token) ? 'Bearer' : 'TOKEN';
};
