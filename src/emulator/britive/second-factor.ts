/** `/api/step-up` and `/api/mfa`: the one-time password, and whether asking for one makes sense. */
import { json } from '../call.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import { bodyOf, type Reaction, textOf } from './request.ts';
import type { StepUps } from './step-ups.ts';

export interface SecondFactorParts {
  readonly knobs: TenantKnobs;
  readonly stepUps: StepUps;
}

export const stepUp =
  ({ knobs, stepUps }: SecondFactorParts): Reaction =>
  ({ call, caller, params }) => {
    if (params['factor'] !== 'TOTP') throw refusal(400, 'E1000', 'Only TOTP can be answered here');
    if (textOf(bodyOf(call), 'otp') !== knobs.otp) return wrong(knobs.wrongOtp);
    const cookie = stepUps.prove(caller);
    return json(200, { result: 'SUCCEEDED', additionalDetails: {} }, cookie === null ? {} : { 'set-cookie': cookie });
  };

function wrong(answer: TenantKnobs['wrongOtp']) {
  if (answer === '401') throw refusal(401, 'AU-0009', 'The one-time password is invalid');
  return json(200, { result: answer, additionalDetails: {} });
}

export const registrations =
  ({ knobs }: SecondFactorParts): Reaction =>
  () =>
    json(
      200,
      knobs.factors.map((factor) => ({ factor, status: 'REGISTERED' })),
    );
