/** Signing in: in a browser, where a person proves who they are while we poll; or with a token that somebody made before. */
import { wait } from '../wait.ts';
import { judgeOf, stopped } from './ask.ts';
import type { IssuedSession } from './authentication.ts';
import { parseLoginPoll, parseValidation, requestSession, requestValidation, tokenTypeOf } from './authentication.ts';
import { loginUrl, newChallenge } from './challenge.ts';
import type { Connection } from './connection.ts';
import { denied } from './errors.ts';
import { tokenExpiry } from './jwt.ts';
import type { NotOk } from './reply.ts';
import { isPassing, verdictOf } from './reply.ts';
import { retryAfterMs } from './retry.ts';
import type { EpochMs, LoginOutcome, LoginRequest, SessionRecord, TokenType, Verdict } from './types.ts';
import { epoch } from './types.ts';

const deadlineMs = 5 * 60_000;
const intervalMs = 2_000;
/** The life of a session that does not say how long it lives. */
const assumedLifeMs = 60 * 60_000;
/** An API token has no clock: it is good until it is refused. */
const endless = epoch(Date.UTC(9999, 0, 1));

export const browserLogin = async (connection: Connection, request: LoginRequest): Promise<LoginOutcome> => {
  const { settings, dependencies } = connection;
  const challenge = await newChallenge();
  const url = loginUrl(settings.baseUrl, settings.idp, challenge);
  const opened = request.openBrowser && (await dependencies.openBrowser(url).catch(() => false));
  request.prompt({ kind: 'browser', url, opened });
  const issued = await awaitSession(connection, challenge.verifier, request.signal);
  if ('type' in issued) return issued;
  const record = recordOf(issued.accessToken, 'Bearer', issued.expiresAt ?? inAnHour(connection));
  return settledIn(connection, record, request.signal);
};

/** Either the session or how the sign-in ended. The server's answer may be there once only: nothing polls twice at a time. */
const awaitSession = async (
  connection: Connection,
  verifier: string,
  signal: AbortSignal,
): Promise<IssuedSession | LoginOutcome> => {
  const { clock } = connection.dependencies;
  const call = { connection, record: null, signal };
  const until = clock.now() + deadlineMs;
  let pauseMs = intervalMs;
  while (clock.now() < until) {
    if (!(await wait(connection.dependencies, Math.min(pauseMs, until - clock.now()), signal))) return failed(stopped);
    const answer = parseLoginPoll(await requestSession(call, verifier));
    if (answer.type === 'ok') return answer.value;
    if (answer.type !== 'pending' && !isPassing(answer)) return failed(verdictOf(answer, judgeOf(call)));
    pauseMs = Math.max(intervalMs, answer.type === 'pending' ? 0 : retryAfterMs(answer));
  }
  return { type: 'unanswered', detail: 'nobody finished it in time' };
};

/** Looks once whether the tenant takes its own token; only a clear no counts. */
const settledIn = async (connection: Connection, record: SessionRecord, signal: AbortSignal): Promise<LoginOutcome> => {
  connection.signedIn();
  const parsed = parseValidation(await requestValidation({ connection, record, signal }), record.tokenType);
  if (parsed.type === 'refused' && (parsed.class === 'auth' || parsed.class === 'blocked')) {
    return failed(denied('forbidden', `the tenant refuses a fresh session: ${parsed.detail}`));
  }
  return signedIn(connection, record);
};

/** `login --token`, and a workload's own token: never a browser. */
export const tokenLogin = async (connection: Connection, token: string, signal: AbortSignal): Promise<LoginOutcome> => {
  const text = token.trim();
  if (!/^[\x21-\x7e]+$/.test(text)) return failed(denied('bad-request', 'the token is empty or holds spaces'));
  const tokenType = tokenTypeOf(text);
  const known = tokenType === 'TOKEN' ? endless : (tokenExpiry(text) ?? inAnHour(connection));
  const record = recordOf(text, tokenType, known);
  const call = { connection, record, signal };
  const parsed = parseValidation(await requestValidation(call), tokenType);
  if (parsed.type === 'ok') return signedIn(connection, record);
  return failed(refusedToken(parsed) ?? verdictOf(parsed, judgeOf(call)));
};

/** Whoever typed it has to type another: no session has ended. */
const refusedToken = (parsed: NotOk): Verdict<never> | null =>
  parsed.type === 'refused' && parsed.class === 'auth' ? denied('forbidden', parsed.detail) : null;

export const recordOf = (accessToken: string, tokenType: TokenType, expiresAt: EpochMs): SessionRecord => ({
  accessToken,
  expiresAt,
  refreshToken: null,
  client: null,
  region: null,
  tokenType,
  idToken: null,
});

const signedIn = ({ dependencies }: Connection, record: SessionRecord): LoginOutcome => {
  const lifetimeMs = record.expiresAt - dependencies.clock.now();
  if (lifetimeMs > 0) return { type: 'ok', record, lifetimeMs };
  return failed(denied('bad-request', 'the token has expired already'));
};

const inAnHour = ({ dependencies }: Connection): EpochMs => epoch(dependencies.clock.now() + assumedLifeMs);

export const failed = (verdict: Verdict<never>): LoginOutcome =>
  verdict.type === 'ok' ? failed(stopped) : { type: 'failed', verdict };
