/** RFC 8628. Works where no browser can reach us: over SSH, in a container, on another device. */
import * as oauth from 'oauth4webapi';
import type { LoginOutcome, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { wait } from '../wait.ts';
import { aborted, failed, opened, type SignIn, signedIn, wishes } from './sign-in.ts';
import { type Exchanged, exchange } from './tokens.ts';
import { authenticationOf, clientOf } from './upstream.ts';
import { denied, slowDownMs, verdictOf } from './verdicts.ts';
import { isSafe } from './wire.ts';

/** Section 3.2: where the issuer names none. */
const defaultIntervalMs = 5_000;
/** Section 3.5: whoever gets no answer asks less often, but a person waits. */
const longestIntervalMs = 30_000;

interface Device {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | null;
  readonly lifetimeMs: number;
  readonly intervalMs: number;
}

export const deviceLogin = async (signIn: SignIn): Promise<LoginOutcome> => {
  if (signIn.metadata.device_authorization_endpoint === undefined) {
    return failed(denied('the issuer has no device codes; sign in with a browser'));
  }
  const started = await start(signIn);
  return started.type === 'ok' ? poll(signIn, started.value) : failed(started);
};

const start = async ({ upstream, metadata, request }: SignIn): Promise<Verdict<Device>> => {
  const client = clientOf(upstream);
  try {
    const response = await oauth.deviceAuthorizationRequest(
      metadata,
      client,
      authenticationOf(upstream, metadata),
      { ...wishes(upstream) },
      upstream.issuer.optionsFor(request.signal),
    );
    return parse(await oauth.processDeviceAuthorizationResponse(metadata, client, response));
  } catch (thrown) {
    return verdictOf(thrown);
  }
};

const parse = (body: oauth.DeviceAuthorizationResponse): Verdict<Device> => {
  const { verification_uri: page, verification_uri_complete: filledIn, user_code: userCode } = body;
  // Somebody's browser will be sent there, and all of it is shown on a terminal.
  if (!isSafe(page) || (filledIn !== undefined && !isSafe(filledIn))) {
    return denied('the page for the device code has no https');
  }
  if (!/^[\x20-\x7e]+$/.test(userCode)) return denied('the device code cannot be shown');
  return {
    type: 'ok',
    value: {
      deviceCode: body.device_code,
      userCode,
      verificationUri: new URL(page).href,
      verificationUriComplete: filledIn === undefined ? null : new URL(filledIn).href,
      lifetimeMs: body.expires_in * 1000,
      intervalMs: body.interval === undefined ? defaultIntervalMs : body.interval * 1000,
    },
  };
};

const poll = async (signIn: SignIn, device: Device): Promise<LoginOutcome> => {
  const { upstream, metadata, request } = signIn;
  const { clock } = upstream.dependencies;
  const expiresAt = clock.now() + device.lifetimeMs;
  await show(signIn, device, expiresAt);
  let { intervalMs } = device;
  for (;;) {
    const leftMs = expiresAt - clock.now();
    if (leftMs <= 0) return { type: 'unanswered', detail: 'the code expired' };
    if (!(await wait(upstream.dependencies, Math.min(intervalMs, leftMs), request.signal))) return aborted;
    const grant = { type: 'device', deviceCode: device.deviceCode } as const;
    const answer = await exchange(upstream, grant, { metadata, signal: request.signal });
    if (answer.verdict.type === 'ok') return signedIn(signIn, answer.verdict.value, null);
    const end = endOf(answer);
    if (end !== null) return end;
    intervalMs = nextInterval(intervalMs, answer);
  }
};

/** Section 3.5. Null goes on: a network that is away for a moment does not end a sign-in that a person is busy with. */
const endOf = ({ verdict, error }: Exchanged): LoginOutcome | null => {
  if (error === 'authorization_pending' || error === 'slow_down') return null;
  if (error === 'expired_token') return { type: 'unanswered', detail: 'the code expired' };
  if (error === 'access_denied') return { type: 'declined', detail: 'the request was declined' };
  return verdict.type === 'ok' || verdict.type === 'transient' || verdict.type === 'ambiguous' ? null : failed(verdict);
};

const nextInterval = (intervalMs: number, { verdict, error }: Exchanged): number => {
  if (error === 'authorization_pending') return intervalMs;
  if (error === 'slow_down') return intervalMs + slowDownMs;
  const asked = verdict.type === 'transient' ? (verdict.retryAfterMs ?? 0) : 0;
  return Math.max(intervalMs, asked, Math.min(intervalMs * 2, longestIntervalMs));
};

const show = async (signIn: SignIn, device: Device, expiresAt: number): Promise<void> => {
  const { verificationUri, verificationUriComplete, userCode } = device;
  signIn.request.prompt({
    kind: 'device',
    verificationUri,
    verificationUriComplete,
    userCode,
    opened: await opened(signIn, verificationUriComplete ?? verificationUri),
    expiresAt: epoch(expiresAt),
  });
};
