/**
 * Authorization code with PKCE (RFC 7636) over a loopback redirect (RFC 8252). The listener stands before anything else
 * happens: a browser that is still signed in comes back before a later bind.
 */
import * as oauth from 'oauth4webapi';
import type { LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import type { Loopback, LoopbackPage } from '../provider.ts';
import { wait } from '../wait.ts';
import { type Expected, judgeCallback, redirectPath } from './callback.ts';
import { aborted, failed, opened, type SignIn, signedIn, wishes } from './sign-in.ts';
import { exchange } from './tokens.ts';
import { asksForIdToken, clientOf } from './upstream.ts';
import { denied } from './verdicts.ts';

/** Few issuers keep a page's request for longer. */
const deadlineMs = 10 * 60_000;

/** Either what the browser brought or how the sign-in ended. */
type Arrival = { readonly parameters: URLSearchParams } | LoginOutcome;

interface Flow {
  readonly state: string;
  readonly verifier: string;
  /** Null where no ID token is asked for. */
  readonly nonce: string | null;
  readonly redirectUri: string;
  readonly arrival: Promise<Arrival>;
}

export const browserLogin = async (signIn: SignIn): Promise<LoginOutcome> => {
  const { upstream, metadata } = signIn;
  const page = metadata.authorization_endpoint;
  if (page === undefined) return failed(denied('the issuer has no sign-in page; set "flow" to "device"'));
  const state = oauth.generateRandomState();
  const inbox = openInbox({ metadata, client: clientOf(upstream), state });
  let listener: Loopback;
  try {
    listener = await upstream.dependencies.openLoopback(inbox.answer);
  } catch {
    return failed(transient('connect', 'no port on 127.0.0.1 could be opened for the sign-in'));
  }
  try {
    return await run(signIn, page, {
      state,
      verifier: oauth.generateRandomCodeVerifier(),
      nonce: asksForIdToken(upstream) ? oauth.generateRandomNonce() : null,
      redirectUri: `http://127.0.0.1:${listener.port}${redirectPath}`,
      arrival: inbox.arrival,
    });
  } finally {
    await listener.close();
  }
};

const run = async (signIn: SignIn, page: string, flow: Flow): Promise<LoginOutcome> => {
  const { upstream, metadata, request } = signIn;
  const url = await authorizeUrl(signIn, page, flow);
  request.prompt({ kind: 'browser', url, opened: await opened(signIn, url) });
  const arrival = await arrivalOrEnd(signIn, flow.arrival);
  if (!('parameters' in arrival)) return arrival;
  const { redirectUri, verifier, nonce } = flow;
  const grant = { type: 'code', callback: arrival.parameters, redirectUri, verifier } as const;
  const { verdict: tokens } = await exchange(upstream, grant, { metadata, signal: request.signal });
  return tokens.type === 'ok' ? signedIn(signIn, tokens.value, nonce) : failed(tokens);
};

const openInbox = (expected: Expected): { arrival: Promise<Arrival>; answer: (url: URL) => LoopbackPage } => {
  let deliver: (arrival: Arrival) => void = () => {};
  const arrival = new Promise<Arrival>((resolve) => {
    deliver = resolve;
  });
  const answer = (url: URL): LoopbackPage => {
    const callback = judgeCallback(url, expected);
    if (callback.type === 'code') deliver({ parameters: callback.parameters });
    if (callback.type === 'ended') deliver(callback.outcome);
    return callback.page;
  };
  return { arrival, answer };
};

const arrivalOrEnd = async ({ upstream, request }: SignIn, arrival: Promise<Arrival>): Promise<Arrival> => {
  const arrived = new AbortController();
  const signal = AbortSignal.any([request.signal, arrived.signal]);
  const end = async (): Promise<Arrival> =>
    (await wait(upstream.dependencies, deadlineMs, signal))
      ? { type: 'unanswered', detail: 'nobody finished it in time' }
      : aborted;
  try {
    return await Promise.race([arrival, end()]);
  } finally {
    arrived.abort();
  }
};

/** The page's address may have a query of its own. */
const authorizeUrl = async ({ upstream }: SignIn, page: string, flow: Flow): Promise<string> => {
  const url = new URL(page);
  const parameters = {
    response_type: 'code',
    client_id: upstream.settings.clientId,
    redirect_uri: flow.redirectUri,
    state: flow.state,
    code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    ...wishes(upstream),
    ...(flow.nonce !== null && { nonce: flow.nonce }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
};
