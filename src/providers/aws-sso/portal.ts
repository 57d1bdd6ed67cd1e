/** The four calls of the access portal (`sso`). None is signed: the access token travels in a header of its own. */
import type { Credentials, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { awsErrorName } from '../aws-error.ts';
import { transient, transientOf } from '../failures.ts';
import type { Http } from '../http.ts';
import type { JsonObject, JsonReply, Reply } from '../json-reply.ts';
import { objectsField, positiveField, sendJson, textField } from '../json-reply.ts';

export interface PortalCall {
  readonly http: Http;
  readonly endpoint: string;
  readonly accessToken: string;
  readonly signal: AbortSignal;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

export interface Account {
  readonly accountId: string;
  readonly accountName: string;
}

export interface PageRequest {
  readonly maxResults: number;
  readonly nextToken: string | null;
}

export const requestRoleCredentials = (call: PortalCall, accountId: string, roleName: string): Promise<Reply> =>
  get(call, '/federation/credentials', { role_name: roleName, account_id: accountId });

export const parseRoleCredentials = (reply: Reply, accountId: string): Verdict<Credentials> =>
  parse(reply, (body) => {
    const role = body['roleCredentials'];
    if (typeof role !== 'object' || role === null) return null;
    const fields = role as JsonObject;
    const accessKeyId = textField(fields, 'accessKeyId');
    const secretAccessKey = textField(fields, 'secretAccessKey');
    const sessionToken = textField(fields, 'sessionToken');
    // Milliseconds, unlike every other time of these two services.
    const expiration = positiveField(fields, 'expiration');
    if (accessKeyId === null || secretAccessKey === null || sessionToken === null || expiration === null) return null;
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiresAt: epoch(expiration),
      accountId,
      roleArn: null,
      transaction: null,
    };
  });

export const requestAccounts = (call: PortalCall, page: PageRequest): Promise<Reply> =>
  get(call, '/assignment/accounts', pageQuery(page));

export const parseAccounts = (reply: Reply): Verdict<Page<Account>> =>
  parse(reply, (body) =>
    readPage(body, 'accountList', (item) => {
      const accountId = textField(item, 'accountId');
      return accountId === null ? null : { accountId, accountName: textField(item, 'accountName') ?? accountId };
    }),
  );

export const requestAccountRoles = (call: PortalCall, accountId: string, page: PageRequest): Promise<Reply> =>
  get(call, '/assignment/roles', { account_id: accountId, ...pageQuery(page) });

/** The names of an account's roles. */
export const parseAccountRoles = (reply: Reply): Verdict<Page<string>> =>
  parse(reply, (body) => readPage(body, 'roleList', (item) => textField(item, 'roleName')));

export const requestLogout = ({ http, endpoint, accessToken, signal }: PortalCall): Promise<Reply> =>
  sendJson(http, { method: 'POST', url: `${endpoint}/logout`, headers: bearer(accessToken), body: null }, signal);

/** A session that has ended already needs no ending. */
export const parseLogout = (reply: Reply): Verdict<void> => {
  const verdict = parse(reply, () => true);
  if (verdict.type === 'ok') return { ...verdict, value: undefined };
  if (verdict.type === 'unauthorized') return { type: 'ok', value: undefined };
  return verdict;
};

const get = ({ http, endpoint, accessToken, signal }: PortalCall, path: string, query: Record<string, string>) => {
  const url = `${endpoint}${path}?${new URLSearchParams(query)}`;
  return sendJson(http, { method: 'GET', url, headers: bearer(accessToken), body: null }, signal);
};

const bearer = (accessToken: string): Readonly<Record<string, string>> => ({
  'x-amz-sso_bearer_token': accessToken,
  accept: 'application/json',
});

const pageQuery = ({ maxResults, nextToken }: PageRequest): Record<string, string> => ({
  max_result: String(maxResults),
  ...(nextToken !== null && { next_token: nextToken }),
});

const readPage = <T>(body: JsonObject, list: string, read: (item: JsonObject) => T | null): Page<T> | null => {
  const items = objectsField(body, list);
  if (items === null) return null;
  return { items: items.map(read).filter((item) => item !== null), nextToken: textField(body, 'nextToken') };
};

const parse = <T>(reply: Reply, read: (body: JsonObject) => T | null): Verdict<T> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return refusal(reply);
  const value = read(reply.body);
  if (value !== null) return { type: 'ok', value };
  return transient('bad-body', 'the access portal answered without a field it promises');
};

const refusal = (reply: JsonReply): Verdict<never> => {
  const detail = `the access portal refused (${reply.status})`;
  // What is not AWS's own refusal proves nothing about the token.
  if (awsErrorName(reply) === null && textField(reply.body, 'message') === null) return transient('bad-body', detail);
  switch (reply.status) {
    case 401:
      return { type: 'unauthorized', detail };
    case 403:
      return { type: 'denied', why: 'forbidden', detail };
    case 404:
      return { type: 'denied', why: 'not-found', detail };
    case 400:
      return { type: 'denied', why: 'bad-request', detail };
    default:
      return transient('bad-body', detail);
  }
};
