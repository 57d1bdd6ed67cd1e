/** The one call of the sign-in service that renews a sign-in. It is not signed: the proof stands in for that. */
import type { Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import type { Http } from '../http.ts';
import type { JsonObject, Reply } from '../json-reply.ts';
import { positiveField, sendJson, textField } from '../json-reply.ts';
import { dpopProof } from './dpop.ts';
import type { DpopKey } from './dpop-key.ts';
import { signinRefusal } from './refusal.ts';
import type { LoginRefresh } from './types.ts';

export interface RefreshCall {
  readonly http: Http;
  readonly endpoint: string;
  readonly key: DpopKey;
  readonly signal: AbortSignal;
}

export interface RenewedLogin {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly lifetimeMs: number;
  /** Null when the answer had none: the old one stays good. */
  readonly refreshToken: string | null;
}

export const requestRenewal = async (
  { http, endpoint, key, signal }: RefreshCall,
  { clientId, refreshToken }: LoginRefresh,
): Promise<Reply> => {
  const url = `${endpoint}/v1/token`;
  const dpop = await dpopProof(key, url, http.clock.now());
  const headers = { 'content-type': 'application/json', accept: 'application/json', dpop };
  const body = JSON.stringify({ clientId, grantType: 'refresh_token', refreshToken });
  return sendJson(http, { method: 'POST', url, headers, body }, signal);
};

/**
 * A lost answer is transient although it may have spent the refresh token: whoever sends that again while the new
 * credentials live gets the same answer.
 */
export const parseRenewal = (reply: Reply, profile: string): Verdict<RenewedLogin> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return signinRefusal(reply, profile);
  const value = read(reply.body);
  if (value !== null) return { type: 'ok', value };
  return transient('bad-body', 'the sign-in service answered without a field it promises');
};

const read = (body: JsonObject): RenewedLogin | null => {
  const token = body['accessToken'];
  if (typeof token !== 'object' || token === null) return null;
  const keys = token as JsonObject;
  const accessKeyId = textField(keys, 'accessKeyId');
  const secretAccessKey = textField(keys, 'secretAccessKey');
  const sessionToken = textField(keys, 'sessionToken');
  const expiresIn = positiveField(body, 'expiresIn');
  if (accessKeyId === null || secretAccessKey === null || sessionToken === null || expiresIn === null) return null;
  const refreshToken = textField(body, 'refreshToken');
  return { accessKeyId, secretAccessKey, sessionToken, lifetimeMs: expiresIn * 1000, refreshToken };
};
