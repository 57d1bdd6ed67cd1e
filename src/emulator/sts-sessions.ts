/** GetSessionToken and GetFederationToken: an IAM user's own sessions, for keys that do not expire alone. */
import type { Answer } from './call.ts';
import { stsError } from './errors.ts';
import type { StsParts } from './sts.ts';
import { answer, credentials, text } from './sts-answer.ts';
import type { SignedCall } from './sts-assume-role.ts';
import { durationOf, requiredText } from './sts-form.ts';
import { showsSecondFactor } from './sts-mfa.ts';
import { element } from './xml.ts';

const hourSeconds = 3600;
const lifetime = { max: 36 * hourSeconds, usual: 12 * hourSeconds };

export function getSessionToken({ keys, secondFactors }: StsParts, { call, form, signer }: SignedCall): Answer {
  if (signer.kind !== 'user') throw notWithSessions('GetSessionToken');
  const seconds = durationOf(form, lifetime);
  const mfa = showsSecondFactor(secondFactors, form, signer);
  const issued = keys.issue(signer.principal, seconds * 1000, { kind: 'session', mfa, sourceIdentity: null });
  return answer(call, 'GetSessionToken', credentials(issued));
}

export function getFederationToken({ keys }: StsParts, { call, form, signer }: SignedCall): Answer {
  if (signer.kind !== 'user') throw notWithSessions('GetFederationToken');
  const name = requiredText(form, 'Name', { min: 2, max: 32, pattern: '[\\w+=,.@-]*' });
  const seconds = durationOf(form, lifetime);
  const { accountId } = signer.principal;
  const principal = {
    accountId,
    arn: `arn:aws:sts::${accountId}:federated-user/${name}`,
    userId: `${accountId}:${name}`,
  };
  const issued = keys.issue(principal, seconds * 1000, { kind: 'federated', mfa: false, sourceIdentity: null });
  const user = element('FederatedUser', text('FederatedUserId', principal.userId) + text('Arn', principal.arn));
  return answer(call, 'GetFederationToken', credentials(issued) + user);
}

const notWithSessions = (operation: string) =>
  stsError('AccessDenied', `Cannot call ${operation} with session credentials`);
