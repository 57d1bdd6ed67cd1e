/**
 * Authorization code with PKCE (RFC 7636) over a loopback redirect (RFC 8252). The listener stands before anything else
 * happens: a browser that is still signed in comes back before a later bind.
 */
import * as oauth from 'oauth4webapi';
import type { LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { arrivalOrEnd, openInbox } from '../loopback-callback.ts';
import type { Loopback } from '../provider.ts';
import { type Brought, judgeCallback, redirectPath } from './callback.ts';
import { aborted, failed, opened, type SignIn, signedIn, wishes } from './sign-in.ts';
import { exchange } from './tokens.ts';
import { asksForIdToken, clientOf } from './upstream.ts';
import { denied } from './verdicts.ts';

/** Few issuers keep a page's request for longer. */
const deadlineMs = 10 * 60_000;

interface Flow {
  readonly state: string;
  readonly verifier: string;
  /** Null where no ID token is asked for. */
  readonly nonce: string | null;
  readonly redirectUri: string;
  readonly arrival: Promise<Brought | LoginOutcome>;
}

export const browserLogin = async (signIn: SignIn): Promise<LoginOutcome> => {
  const { upstream, metadata } = signIn;
  const page = metadata.authorization_endpoint;
  if (page === undefined) return failed(denied('the issuer has no sign-in page; set "flow" to "device"'));
  const state = oauth.generateRandomState();
  const expected = { metadata, client: clientOf(upstream), state };
  const inbox = openInbox((url) => judgeCallback(url, expected));
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
  const arrival = await arrivalOrEnd(flow.arrival, {
    ...{ waiting: upstream.dependencies, signal: request.signal },
    ...{ deadlineMs, aborted },
  });
  if (!('parameters' in arrival)) return arrival;
  const { redirectUri, verifier, nonce } = flow;
  const grant = { type: 'code', callback: arrival.parameters, redirectUri, verifier } as const;
  const { verdict: tokens } = await exchange(upstream, grant, { metadata, signal: request.signal });
  return tokens.type === 'ok' ? signedIn(signIn, tokens.value, nonce) : failed(tokens);
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
