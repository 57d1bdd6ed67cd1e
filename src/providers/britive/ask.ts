/** One request to a tenant: its headers, its cookies, and the one refusal that a young session is spared. */
import { transient } from '../failures.ts';
import type { HttpRequest } from '../http.ts';
import { send } from '../http.ts';
import type { JsonObject } from '../json-reply.ts';
import { wait } from '../wait.ts';
import type { Call } from './connection.ts';
import type { Judge, Reply } from './reply.ts';
import { readReply } from './reply.ts';

interface TenantRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the first slash after the base URL, with its query; null where none leads there. */
  readonly path: string | null;
  readonly body: JsonObject | null;
}

export const get = (path: string | null): TenantRequest => ({ method: 'GET', path, body: null });
export const post = (path: string | null, body: JsonObject | null): TenantRequest => ({ method: 'POST', path, body });
export const put = (path: string | null): TenantRequest => ({ method: 'PUT', path, body: null });

const secondChanceMs = 1_000;

export const ask = async (call: Call, request: TenantRequest): Promise<Reply> => {
  const reply = await askOnce(call, request);
  if (!isUnauthorized(reply) || call.record === null || !call.connection.isSettling()) return reply;
  const { dependencies } = call.connection;
  return (await wait(dependencies, secondChanceMs, call.signal)) ? askOnce(call, request) : reply;
};

const isUnauthorized = (reply: Reply): boolean => reply.type === 'reply' && reply.status === 401;

/** What no path leads to is not there, and nobody has to be asked. */
const nowhere: Reply = { type: 'reply', status: 404, body: null, header: () => null };

/** For what must not be sent twice, such as a one-time password. */
export const askOnce = async ({ connection, record, signal }: Call, request: TenantRequest): Promise<Reply> => {
  if (request.path === null) return nowhere;
  const { dependencies, settings, cookies } = connection;
  const url = settings.baseUrl + request.path;
  const cookie = record === null ? null : cookies.header(record.accessToken, new URL(url).pathname);
  const headers = {
    accept: 'application/json',
    // Also where there is no body: the API insists.
    'content-type': 'application/json',
    ...(record !== null && { authorization: `${record.tokenType ?? 'Bearer'} ${record.accessToken}` }),
    ...(cookie !== null && { cookie }),
  };
  const body = request.body === null ? null : JSON.stringify(request.body);
  const method = request.method as HttpRequest['method'];
  const answer = await send(dependencies, { method, url, headers, body }, signal);
  if (answer.type === 'failure') return answer;
  const reply = readReply(answer, dependencies.clock.now());
  if (reply.type === 'reply' && answer.serverDate !== null) dependencies.clock.anchor(answer.serverDate, answer.rttMs);
  return reply;
};

export const judgeOf = ({ connection }: Call): Judge => ({
  now: connection.dependencies.clock.now(),
});

export const stopped = transient('aborted', 'stopped while waiting');
