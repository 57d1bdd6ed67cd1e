/** RFC 8628. Works where no browser can reach us: over SSH, in a container, on another device. */
import type { ClientRegistration, LoginOutcome, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { wait } from '../wait.ts';
import type { DeviceAuthorization, DevicePoll } from './oidc.ts';
import { parseDeviceAuthorization, parseDevicePoll, requestDeviceAuthorization, requestTokens } from './oidc.ts';
import { slowDownMs } from './oidc-errors.ts';
import type { SignIn } from './sign-in.ts';
import { aborted, failed, oidcCall, opened, registrarOf, signedIn } from './sign-in.ts';

interface Started {
  readonly client: ClientRegistration;
  readonly device: DeviceAuthorization;
}

export const deviceLogin = async (signIn: SignIn): Promise<LoginOutcome> => {
  const started = await start(signIn);
  if (started.type !== 'ok') return failed(started);
  const outcome = await poll(signIn, started.value);
  // A code is what people turn to when the browser's page was dead.
  if (outcome.type === 'ok') await registrarOf(signIn, 'browser').forget();
  return outcome;
};

const start = async (signIn: SignIn): Promise<Verdict<Started>> => {
  const registrar = registrarOf(signIn, 'device');
  const kept = await registrar.obtain();
  if (kept.type !== 'ok') return kept;
  const device = await authorizeDevice(signIn, kept.value);
  if (device.type !== 'rejected') return device;
  // The server has forgotten the registration before its time.
  const renewed = await registrar.renew();
  return renewed.type === 'ok' ? authorizeDevice(signIn, renewed.value) : renewed;
};

const authorizeDevice = async (signIn: SignIn, client: ClientRegistration): Promise<Verdict<Started>> => {
  const reply = await requestDeviceAuthorization(oidcCall(signIn), client, signIn.issuerUrl);
  const verdict = parseDeviceAuthorization(reply);
  return verdict.type === 'ok' ? { ...verdict, value: { client, device: verdict.value } } : verdict;
};

const poll = async (signIn: SignIn, { client, device }: Started): Promise<LoginOutcome> => {
  const { clock } = signIn.dependencies;
  const expiresAt = clock.now() + device.lifetimeMs;
  let intervalMs = device.intervalMs;
  // Once before anybody is asked: the device may be authorised already.
  for (let first = true; ; first = false) {
    const answer = await pollOnce(signIn, client, device);
    const end = outcomeOf(signIn, client, answer);
    if (end !== null) return end;
    if (answer.type === 'slow-down') intervalMs += slowDownMs;
    if (first) await show(signIn, device, expiresAt);
    const pauseMs = Math.max(intervalMs, answer.type === 'transient' ? (answer.retryAfterMs ?? 0) : 0);
    const leftMs = expiresAt - clock.now();
    if (leftMs <= 0) return { type: 'unanswered', detail: 'the code expired' };
    if (!(await wait(signIn.dependencies, Math.min(pauseMs, leftMs), signIn.request.signal))) return aborted;
  }
};

const pollOnce = async (
  signIn: SignIn,
  client: ClientRegistration,
  { deviceCode }: DeviceAuthorization,
): Promise<DevicePoll> => {
  const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
  return parseDevicePoll(await requestTokens(oidcCall(signIn), client, { grantType, deviceCode }));
};

/** Null goes on: a network that is away for a moment does not end a sign-in that a person is busy with. */
const outcomeOf = (signIn: SignIn, client: ClientRegistration, answer: DevicePoll): LoginOutcome | null => {
  switch (answer.type) {
    case 'ok':
      return signedIn(signIn, client, answer.value);
    case 'expired':
      return { type: 'unanswered', detail: 'the code expired' };
    case 'declined':
      return { type: 'declined', detail: 'the request was declined' };
    case 'pending':
    case 'slow-down':
    case 'transient':
    case 'ambiguous':
      return null;
    default:
      return failed(answer);
  }
};

const show = async (signIn: SignIn, device: DeviceAuthorization, expiresAt: number): Promise<void> => {
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
