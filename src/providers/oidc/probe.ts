/**
 * Is an access token still good? OAuth has no question for that which every issuer answers, so the first of these that
 * fits: userinfo (for tokens with "openid" and no other audience), introspection (for clients with a secret), and what
 * can be known without an answer, once the issuer has been reached: its time, and whether a refresh could settle it.
 */
import * as oauth from 'oauth4webapi';
import type { SessionRecord, Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import { sendJson } from '../json-reply.ts';
import { usableRefreshToken } from './tokens.ts';
import { asksForIdToken, authenticationOf, clientOf, type Upstream } from './upstream.ts';
import { verdictOf } from './verdicts.ts';

/** A token that is younger is not bettered by a refresh. */
const youngMs = 60_000;

const good: Verdict<void> = { type: 'ok', value: undefined };

export const probe = async (
  upstream: Upstream,
  record: SessionRecord | null,
  signal: AbortSignal,
): Promise<Verdict<void>> => {
  const read = await upstream.issuer.read(signal);
  // `denied` would count as "the server accepts the token", and nobody was asked about it.
  if (read.type === 'denied') return transient('bad-body', read.detail);
  if (read.type !== 'ok') return read;
  if (record === null) return { type: 'unauthorized', detail: 'nobody is signed in' };
  const metadata = read.value;
  const isPasted = record.tokenType !== null;
  if (!isPasted && metadata.userinfo_endpoint !== undefined && asksForIdToken(upstream) && isForIssuer(upstream)) {
    return askUserInfo(upstream, metadata.userinfo_endpoint, { record, signal });
  }
  if (metadata.introspection_endpoint !== undefined && upstream.settings.clientSecret !== null) {
    return introspect(upstream, metadata, { record, signal });
  }
  return guess(upstream, record);
};

/** A token made for another API is refused by userinfo, which proves nothing. */
const isForIssuer = ({ settings }: Upstream): boolean => settings.audience === null;

interface Asked {
  readonly record: SessionRecord;
  readonly signal: AbortSignal;
}

/** RFC 6750 section 3.1. What a 403 misses is a scope, unless it says otherwise. */
const askUserInfo = async (upstream: Upstream, url: string, { record, signal }: Asked): Promise<Verdict<void>> => {
  const headers = { accept: 'application/json', authorization: `Bearer ${record.accessToken}` };
  const reply = await sendJson(upstream.dependencies, { method: 'GET', url, headers, body: null }, signal);
  if (reply.type === 'failure') return transientOf(reply);
  const refusesToken = /\berror="?invalid_token\b/.test(reply.header('www-authenticate') ?? '');
  if (reply.status === 401 || refusesToken) {
    return { type: 'unauthorized', detail: `userinfo refused the access token (${reply.status})` };
  }
  if (reply.status < 300) return good;
  if (reply.status === 403) return { type: 'denied', why: 'forbidden', detail: 'userinfo wants another scope (403)' };
  return transient('bad-body', `userinfo answered ${reply.status}`);
};

/** RFC 7662. That the question is refused says nothing about the token. */
const introspect = async (
  upstream: Upstream,
  metadata: oauth.AuthorizationServer,
  { record, signal }: Asked,
): Promise<Verdict<void>> => {
  const client = clientOf(upstream);
  const authentication = authenticationOf(upstream, metadata);
  try {
    const options = upstream.issuer.optionsFor(signal);
    const response = await oauth.introspectionRequest(metadata, client, authentication, record.accessToken, options);
    const { active } = await oauth.processIntrospectionResponse(metadata, client, response);
    return active ? good : { type: 'unauthorized', detail: 'introspection says that the access token is not active' };
  } catch (thrown) {
    const verdict = verdictOf(thrown);
    return verdict.type === 'transient' ? verdict : guess(upstream, record);
  }
};

/** A refresh settles the doubt about an old token; after it the refusal was the API's own. */
const guess = ({ dependencies, notes }: Upstream, record: SessionRecord): Verdict<void> => {
  const now = dependencies.clock.now();
  if (record.expiresAt <= now) return { type: 'unauthorized', detail: 'the access token has expired' };
  if (usableRefreshToken(record.refreshToken) === null) return good;
  const age = now - (notes.of(record.accessToken)?.obtainedAt ?? Number.NEGATIVE_INFINITY);
  return age >= 0 && age < youngMs ? good : { type: 'unauthorized', detail: 'only a refresh can tell' };
};
