import type { Verdict } from '../../core/types.ts';
import { transient } from '../failures.ts';
import type { JsonReply } from '../json-reply.ts';
import { textField } from '../json-reply.ts';

type Rejected = Extract<Verdict<never>, { type: 'rejected' }>;

/** The sign-in is over: only the person can go on, with the command of the AWS CLI. */
export const signedOut = (profile: string, what: string, why: Rejected['why'] = 'session_ended'): Rejected => ({
  type: 'rejected',
  why,
  detail: `${what}. Run: aws login --profile ${shellWord(profile)}`,
});

/** The verdict on a 4xx answer, by its `error`: several share an AWS name. Its detail never quotes the answer. */
export const signinRefusal = (reply: JsonReply, profile: string): Verdict<never> => {
  switch (textField(reply.body, 'error')) {
    case 'TOKEN_EXPIRED':
    case 'AUTHCODE_EXPIRED':
      return signedOut(profile, 'the sign-in has expired');
    case 'USER_CREDENTIALS_CHANGED':
      return signedOut(profile, 'the password has changed since the sign-in');
    // So it also refuses what another region issued.
    case 'INVALID_REQUEST':
      return signedOut(profile, 'the sign-in is not known there', 'invalid_grant');
    case 'INSUFFICIENT_PERMISSIONS':
      return {
        type: 'denied',
        why: 'forbidden',
        detail: 'the principal may not renew sign-ins. Attach the policy SignInLocalDevelopmentAccess',
      };
    default:
      return transient('bad-body', `the sign-in service answered an unknown error (${reply.status})`);
  }
};

/** For a message: what would need quotes in a shell gets them. */
const shellWord = (name: string): string => (/^[\w.@/-]+$/.test(name) ? name : `"${name}"`);
