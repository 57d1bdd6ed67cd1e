/**
 * Authorization code with PKCE (RFC 7636) over a loopback redirect (RFC 8252). The listener stands before anything else
 * happens: a browser that is still signed in comes back before a later bind.
 */
import { base64url } from 'jose';
import type { ClientRegistration, LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { arrivalOrEnd, openInbox } from '../loopback-callback.ts';
import type { Loopback } from '../provider.ts';
import { type Brought, judgeCallback } from './callback.ts';
import { isDeclined, parseTokens, requestTokens } from './oidc.ts';
import type { Registrar } from './registration.ts';
import { redirectPath } from './registration.ts';
import type { SignIn } from './sign-in.ts';
import { aborted, failed, oidcCall, opened, registrarOf, signedIn } from './sign-in.ts';

/** How long AWS keeps the sign-in page's request. */
const deadlineMs = 10 * 60_000;

interface Flow {
  readonly state: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly arrival: Promise<Brought | LoginOutcome>;
}

export const browserLogin = async (signIn: SignIn): Promise<LoginOutcome> => {
  const state = randomText(32);
  const inbox = openInbox((url) => judgeCallback(url, state));
  let listener: Loopback;
  try {
    listener = await signIn.dependencies.openLoopback(inbox.answer);
  } catch {
    return failed(transient('connect', 'no port on 127.0.0.1 could be opened for the sign-in'));
  }
  try {
    const redirectUri = `http://127.0.0.1:${listener.port}${redirectPath}`;
    return await run(signIn, { state, verifier: randomText(48), redirectUri, arrival: inbox.arrival });
  } finally {
    await listener.close();
  }
};

const run = async (signIn: SignIn, flow: Flow): Promise<LoginOutcome> => {
  const registrar = registrarOf(signIn, 'browser');
  const client = await registrar.obtain();
  if (client.type !== 'ok') return failed(client);
  const url = await authorizeUrl(signIn, flow, client.value.clientId);
  signIn.request.prompt({ kind: 'browser', url, opened: await opened(signIn, url) });
  const arrival = await arrivalOrEnd(flow.arrival, {
    ...{ waiting: signIn.dependencies, signal: signIn.request.signal },
    ...{ deadlineMs, aborted },
  });
  if ('code' in arrival) return exchange(signIn, { ...flow, code: arrival.code, client: client.value, registrar });
  await forgetIfDoubtful(registrar, arrival);
  return arrival;
};

const exchange = async (
  signIn: SignIn,
  {
    code,
    redirectUri,
    verifier,
    client,
    registrar,
  }: Flow & { code: string; client: ClientRegistration; registrar: Registrar },
): Promise<LoginOutcome> => {
  const grant = { grantType: 'authorization_code', code, redirectUri, codeVerifier: verifier } as const;
  const reply = await requestTokens(oidcCall(signIn), client, grant);
  if (isDeclined(reply)) return { type: 'declined', detail: 'the request was declined' };
  const tokens = parseTokens(reply);
  if (tokens.type === 'ok') return signedIn(signIn, client, tokens.value);
  const outcome = failed(tokens);
  await forgetIfDoubtful(registrar, outcome);
  return outcome;
};

/**
 * A registration that the server has forgotten shows as a page in the browser that nobody can finish, and that people
 * walk away from. Registering again costs one call, keeping it would spoil every sign-in for up to 90 days.
 */
const forgetIfDoubtful = async (registrar: Registrar, outcome: LoginOutcome): Promise<void> => {
  const rejected = outcome.type === 'failed' && outcome.verdict.type === 'rejected';
  if (rejected || outcome === aborted || outcome.type === 'unanswered') await registrar.forget();
};

const authorizeUrl = async (signIn: SignIn, flow: Flow, clientId: string): Promise<string> => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: flow.redirectUri,
    state: flow.state,
    code_challenge_method: 'S256',
    code_challenge: await challengeOf(flow.verifier),
    // Plural, as the AWS CLI sends it.
    scopes: (signIn.scopes ?? []).join(' '),
  });
  return `${signIn.endpoint}/authorize?${query}`;
};

const challengeOf = async (verifier: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

const randomText = (bytes: number): string => base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)));
