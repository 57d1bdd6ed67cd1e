/**
 * Three kinds of sessions: a person's (`Bearer`, ends by its clock or when the tenant says so, and takes a browser to
 * begin anew), an API token (`TOKEN`, good until it is refused), and a workload's (fetched anew from where it came from).
 */
import { judgeOf } from './ask.ts';
import {
  parseHealth,
  parseLogout,
  parseValidation,
  requestHealth,
  requestLogout,
  requestValidation,
} from './authentication.ts';
import type { Connection } from './connection.ts';
import { sourceToken } from './federation.ts';
import { readToken } from './jwt.ts';
import { browserLogin, failed, recordOf, tokenLogin } from './login.ts';
import type { Parsed } from './reply.ts';
import { verdictOf } from './reply.ts';
import type { LoginOutcome, LoginRequest, RefreshedTokens, SessionRecord, SessionUpstream, Verdict } from './types.ts';
import { epoch } from './types.ts';

export const openSession = (connection: Connection): SessionUpstream => ({
  refreshLeadMs: (lifetimeMs) => (connection.settings.federation === null ? 0 : lifetimeMs / 3),
  refresh: (_record, signal) => refresh(connection, signal),
  probe: (record, signal) => probe(connection, record, signal),
  login: (request) => login(connection, request),
  // What a profile is refused for is said with a 403.
  trustMs: 0,
  logoutIsLocal: true,
  forget: () => connection.shownOnce.clear(),
  logout: (record, signal) => logout(connection, record, signal),
});

const login = async (connection: Connection, request: LoginRequest): Promise<LoginOutcome> => {
  if (request.token !== null) return tokenLogin(connection, request.token, request.signal);
  if (connection.settings.federation === null) return browserLogin(connection, request);
  const sourced = await refresh(connection, request.signal);
  return sourced.type === 'ok' ? { type: 'ok', ...sourced.value } : failed(sourced);
};

/** Britive issues nothing to refresh with; a workload's token comes from elsewhere. */
const refresh = async (connection: Connection, signal: AbortSignal): Promise<Verdict<RefreshedTokens>> => {
  const { settings, dependencies } = connection;
  if (settings.federation === null) {
    return { type: 'rejected', why: 'session_ended', detail: 'a session of Britive cannot be refreshed' };
  }
  const sourced = await sourceToken(connection, settings.federation, signal);
  if (sourced.type !== 'ok') return sourced;
  const { token, lifetimeMs } = sourced.value;
  const record = recordOf(token, 'WorkloadToken', epoch(dependencies.clock.now() + lifetimeMs));
  // What is refreshed with is the source; the core looks for something in its place.
  return { type: 'ok', value: { record: { ...record, refreshToken: token }, lifetimeMs } };
};

const probe = async (
  connection: Connection,
  record: SessionRecord | null,
  signal: AbortSignal,
): Promise<Verdict<void>> => {
  const call = { connection, record, signal };
  if (record !== null) return verdict(parseValidation(await requestValidation(call), record.tokenType), call);
  const reached = verdict(parseHealth(await requestHealth(call)), call);
  return reached.type === 'ok' ? { type: 'unauthorized', detail: 'nobody is signed in' } : reached;
};

/** Ends it for the browser, too, which shares it. An API token lives on until somebody revokes it in Britive. */
const logout = async (connection: Connection, record: SessionRecord, signal: AbortSignal): Promise<Verdict<void>> => {
  if (record.tokenType !== 'Bearer') return { type: 'ok', value: undefined };
  const call = { connection, record, signal };
  return verdict(parseLogout(await requestLogout(call, readToken(record.accessToken).username)), call);
};

const verdict = (parsed: Parsed<null>, call: Parameters<typeof judgeOf>[0]): Verdict<void> =>
  parsed.type === 'ok' ? { type: 'ok', value: undefined } : verdictOf(parsed, judgeOf(call));
