/** The console's federation endpoint: temporary credentials become a sign-in token, and that becomes a console session. */
import { type Answer, type Call, type Handler, json, Refused } from '../call.ts';
import type { IssuedKeys, Keys } from '../keys.ts';
import type { Knobs } from '../knobs.ts';
import type { Operation } from '../operations.ts';
import { opaque } from '../random.ts';

export interface FederationParts {
  readonly knobs: Knobs;
  readonly keys: Keys;
  readonly now: () => number;
  /** The sign-in tokens that were handed out, and until when each is good. */
  readonly signinTokens: Map<string, number>;
}

const tokenLifeMs = 15 * 60_000;
const shortestSeconds = 900;
const longestSeconds = 12 * 3600;

export function federationOperation(call: Call): Operation {
  const action = parameters(call).get('Action');
  if (action === 'getSigninToken') return 'GetSigninToken';
  return action === 'login' ? 'FederationLogin' : 'Unknown';
}

export const federation =
  (parts: FederationParts): Handler =>
  (call) => {
    if (call.method === 'POST' && !parts.knobs.federationTakesPost) throw refused(405, 'Method not allowed');
    const form = parameters(call);
    switch (federationOperation(call)) {
      case 'GetSigninToken':
        return signinToken(parts, form);
      case 'FederationLogin':
        return login(parts, form);
      default:
        throw refused(400, 'Invalid action');
    }
  };

function signinToken({ keys, now, signinTokens }: FederationParts, form: URLSearchParams): Answer {
  const signer = signerOf(form.get('Session') ?? '', keys);
  // AWS words every one of these alike.
  if (signer === null || isUsers(signer) || now() >= signer.expiresAt)
    throw refused(400, 'Invalid credentials parameter');
  const duration = form.get('SessionDuration');
  if (duration !== null && !mayLast(signer, Number(duration))) throw refused(400, 'Invalid credentials parameter');
  const token = opaque(200);
  signinTokens.set(token, now() + tokenLifeMs);
  return json(200, { SigninToken: token });
}

/** The session of a chained role or of GetFederationToken lasts as long as its credentials, and takes no other wish. */
const mayLast = ({ kind }: IssuedKeys, seconds: number): boolean =>
  kind === 'role' && Number.isInteger(seconds) && seconds >= shortestSeconds && seconds <= longestSeconds;

const isUsers = ({ kind }: IssuedKeys): boolean => kind === 'user' || kind === 'session';

function login({ now, signinTokens }: FederationParts, form: URLSearchParams): Answer {
  const until = signinTokens.get(form.get('SigninToken') ?? '') ?? 0;
  const destination = form.get('Destination') ?? '';
  if (now() >= until) throw refused(400, 'Invalid sign-in token');
  if (
    !/^https:\/\/[\w.-]+\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu)\//.test(destination)
  )
    throw refused(400, 'Invalid destination');
  return { status: 302, headers: { location: destination }, body: '' };
}

function signerOf(session: string, keys: Keys): IssuedKeys | null {
  const { sessionId, sessionKey, sessionToken } = parsed(session);
  const found = keys.find(String(sessionId));
  const same = found?.secretAccessKey === sessionKey && found?.sessionToken === sessionToken;
  return found !== undefined && same ? found : null;
}

function parsed(session: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(session);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

const parameters = (call: Call): URLSearchParams =>
  call.method === 'GET' ? call.query : new URLSearchParams(call.body);

/** A page for people, whoever asks. */
const refused = (status: number, message: string): Refused => {
  const headers = { 'content-type': 'text/html;charset=UTF-8' };
  const body = `<html><head><title>Error</title></head><body><h1>${status}</h1><p>${message}</p></body></html>`;
  return new Refused(message, () => ({ status, headers, body }));
};
