/**
 * The first half of federation: temporary credentials become a sign-in token. They travel in a body wherever the host
 * takes one: an address is what proxies write down.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
 */
import type { Credentials, EpochMs, Verdict } from '../../core/types.ts';
import type { SendFailure } from '../failures.ts';
import { transient, transientOf } from '../failures.ts';
import type { Http, HttpAnswer } from '../http.ts';
import { send } from '../http.ts';
import { readJson, textField } from '../json-reply.ts';

export type ConsoleKeys = Pick<Credentials, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

export interface SigninTokenCall {
  readonly http: Http;
  /** `https://…/federation` */
  readonly url: string;
  readonly keys: ConsoleKeys;
  readonly signal: AbortSignal;
}

interface Refused {
  readonly type: 'refused';
  readonly status: number;
}

/** For how long the console's session is asked for; null leaves that to AWS. */
export const fetchSigninToken = async (call: SigninTokenCall, seconds: number | null): Promise<Verdict<string>> => {
  const posted = await inTime(call, 'POST', seconds);
  // What AWS says to a POST that it does not take is written nowhere.
  const token =
    posted.type === 'refused' && [400, 404, 405].includes(posted.status) ? await inTime(call, 'GET', seconds) : posted;
  if (token.type !== 'refused') return token;
  return { type: 'denied', why: 'forbidden', detail: `the console refuses these credentials (${token.status})` };
};

/** AWS refuses any duration to some credentials, and who holds them cannot always know. */
const inTime = async (call: SigninTokenCall, method: 'GET' | 'POST', seconds: number | null) => {
  const token = await ask(call, method, seconds);
  return token.type === 'refused' && token.status === 400 && seconds !== null ? ask(call, method, null) : token;
};

const ask = async (call: SigninTokenCall, method: 'GET' | 'POST', seconds: number | null) =>
  parseSigninToken(await requestSigninToken(call, method, seconds), call.http.clock.now());

const requestSigninToken = (
  { http, url, keys, signal }: SigninTokenCall,
  method: 'GET' | 'POST',
  seconds: number | null,
): Promise<HttpAnswer | SendFailure> => {
  const { accessKeyId: sessionId, secretAccessKey: sessionKey, sessionToken } = keys;
  const form = new URLSearchParams({
    Action: 'getSigninToken',
    ...(seconds !== null && { SessionDuration: String(seconds) }),
    Session: JSON.stringify({ sessionId, sessionKey, sessionToken }),
  }).toString();
  if (method === 'GET') return send(http, { method, url: `${url}?${form}`, headers: {}, body: null }, signal);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(http, { method, url, headers, body: form }, signal);
};

/** Its refusals are pages for people, unlike those of any service. */
const parseSigninToken = (answer: HttpAnswer | SendFailure, now: EpochMs): Verdict<string> | Refused => {
  if (answer.type === 'failure') return transientOf(answer);
  const { status } = answer;
  if (status >= 400 && status < 500 && status !== 407 && status !== 429) return { type: 'refused', status };
  const reply = readJson(answer, now);
  if (reply.type === 'failure') return transientOf(reply);
  const token = textField(reply.body, 'SigninToken');
  return token === null
    ? transient('bad-body', 'the console answered without a sign-in token')
    : { type: 'ok', value: token };
};
