/** A one-time password. It is spent by being sent, so it is sent once, and the checkout follows at once. */
import { textField } from '../json-reply.ts';
import { ask, askOnce, get, post } from './ask.ts';
import type { Call } from './connection.ts';
import { denied } from './errors.ts';
import { needs } from './gates.ts';
import type { Operation, State } from './operation.ts';
import { done, failed } from './operation.ts';
import type { Parsed, Reply } from './reply.ts';
import { isObject, objectsOf, parse } from './reply.ts';

const requestStepUp = async (call: Call, otp: string): Promise<Reply> => {
  const reply = await askOnce(call, post('/api/step-up/authenticate/TOTP', { otp }));
  const cookie = reply.type === 'reply' ? reply.header('set-cookie') : null;
  if (cookie !== null && call.record !== null) call.connection.cookies.keep(call.record.accessToken, cookie);
  return reply;
};

/** Whether the password was accepted. A 401 is about the password here, never about the session. */
const parseStepUp = (reply: Reply): Parsed<boolean> => {
  if (reply.type === 'reply' && reply.status === 401) return { type: 'ok', value: false };
  const parsed = parse(reply, (body) => {
    const result = isObject(body) ? textField(body, 'result') : null;
    return result === null ? undefined : result === 'SUCCEEDED';
  });
  return parsed.type === 'refused' && parsed.class === 'otp' ? { type: 'ok', value: false } : parsed;
};

const requestFactors = (call: Call): Promise<Reply> => ask(call, get('/api/mfa/registrations?onlyAllowed=true'));

const parseFactors = (reply: Reply): Parsed<readonly string[]> =>
  parse(reply, (body) =>
    objectsOf(body)?.flatMap((one) => (one['status'] === 'REGISTERED' ? [textField(one, 'factor') ?? ''] : [])),
  );

/** Where nobody says so, a person may have one. */
const hasNoOtp = async (call: Call): Promise<boolean> => {
  const factors = parseFactors(await requestFactors(call));
  return factors.type === 'ok' && !factors.value.includes('TOTP');
};

/** No program can show a security key. What is checked out in the browser is taken over here. */
const elsewhere = ({ connection }: Call) =>
  denied(
    'forbidden',
    `it needs a second factor, and you have no one-time password; check it out at ${connection.settings.baseUrl}, then here`,
  );

export const steppingUp = async (op: Operation<unknown>): Promise<State<never>> => {
  const otp = op.wish?.answers.otp ?? null;
  if (otp === null && op.wish !== null && (await hasNoOtp(op.call))) return done(elsewhere(op.call));
  if (otp === null || !op.memory.allows('otp')) return done(needsOtp(op, 'a one-time password is needed'));
  const parsed = parseStepUp(await requestStepUp(op.call, otp));
  if (parsed.type !== 'ok') return failed(op, parsed);
  if (!parsed.value) return done(needsOtp(op, 'the one-time password is not accepted'));
  op.memory.steppedUp = true;
  return { at: 'posting' };
};

const needsOtp = (op: Operation<unknown>, detail: string) => needs(op, 'needs-otp', detail);
