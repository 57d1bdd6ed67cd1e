/** STS: who a caller is, assumed roles and sessions. Everything else is an invalid action. */
import type { Answer, Call, Handler } from './call.ts';
import { stsError } from './errors.ts';
import type { Keys } from './keys.ts';
import type { Knobs } from './knobs.ts';
import type { SecondFactors } from './second-factors.ts';
import { verifySignature } from './sigv4.ts';
import { answer, text } from './sts-answer.ts';
import { assumeRole, type SignedCall } from './sts-assume-role.ts';
import { parametersOf } from './sts-form.ts';
import { getFederationToken, getSessionToken } from './sts-sessions.ts';
import { assumeRoleWithWebIdentity } from './sts-web-identity.ts';

export interface StsParts {
  readonly knobs: Knobs;
  readonly keys: Keys;
  readonly secondFactors: SecondFactors;
  readonly now: () => number;
}

const version = '2011-06-15';

const callerIdentity = (_parts: StsParts, { call, signer }: SignedCall): Answer => {
  const { arn, userId, accountId } = signer.principal;
  return answer(call, 'GetCallerIdentity', text('Arn', arn) + text('UserId', userId) + text('Account', accountId));
};

const signed = {
  AssumeRole: assumeRole,
  GetCallerIdentity: callerIdentity,
  GetFederationToken: getFederationToken,
  GetSessionToken: getSessionToken,
} as const;

type StsOperation = keyof typeof signed | 'AssumeRoleWithWebIdentity' | 'Unknown';

export function stsOperation(call: Call): StsOperation {
  const action = parametersOf(call).get('Action') ?? '';
  if (action === 'AssumeRoleWithWebIdentity') return action;
  return Object.hasOwn(signed, action) ? (action as keyof typeof signed) : 'Unknown';
}

export const sts =
  (parts: StsParts): Handler =>
  (call) => {
    const form = parametersOf(call);
    const operation = stsOperation(call);
    if (operation === 'Unknown' || form.get('Version') !== version) {
      throw stsError(
        'InvalidAction',
        `Could not find operation ${form.get('Action')} for version ${form.get('Version')}`,
      );
    }
    throttle(parts.knobs);
    if (operation === 'AssumeRoleWithWebIdentity') return assumeRoleWithWebIdentity(parts, call, form);
    const { keys, knobs, now } = parts;
    const signer = verifySignature(call, { service: 'sts', keys, now: now(), refuse: stsError });
    if (knobs.disabledRegions.includes(signer.region)) throw regionDisabled(signer.principal.accountId);
    return signed[operation](parts, { call, form, signer });
  };

function throttle(knobs: Knobs): void {
  if (knobs.throttledStsCalls === 0) return;
  knobs.throttledStsCalls -= 1;
  throw stsError('Throttling', 'Rate exceeded');
}

const regionDisabled = (accountId: string) =>
  stsError(
    'RegionDisabledException',
    `STS is not activated in this region for account:${accountId}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
