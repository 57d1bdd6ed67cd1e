/** A failure as data: what the machines remember and compare; an Error is made from it only at the edge. */
import { BrokerError, type ErrorCode } from './errors.ts';
import type { TransientWhy, Verdict } from './types.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export const failure = (code: ErrorCode, message: string): Failure => ({ code, message });

export const toError = ({ code, message }: Failure): BrokerError => new BrokerError(code, message);

type NotOk = Exclude<Verdict<never>, { type: 'ok' }>;

type Denied = Extract<NotOk, { type: 'denied' }>;

/** The code, what is so, and what the checkout needs beside the profile's name. */
const gates: Partial<Record<Denied['why'], readonly [ErrorCode, string, string]>> = {
  'needs-justification': ['JustificationRequired', 'needs a justification', ''],
  'needs-ticket': ['TicketRequired', 'needs a ticket', ''],
  'needs-approval': ['ApprovalRequired', 'needs an approval', ''],
  'needs-otp': ['OtpRequired', 'needs a one-time password', ''],
  'console-only': ['AccessDenied', 'opens the console alone', ' --console'],
};

/** What a person can put right with a checkout, null for any other refusal. */
export function gateFailureOf(profile: string, { why }: Denied): Failure | null {
  const [code, words, flag] = gates[why] ?? [];
  if (!code) return null;
  const name = /^[\w.@/-]+$/.test(profile) ? profile : `"${profile}"`;
  return failure(code, `Profile "${profile}" ${words}. Run: credbroker checkout ${name}${flag}`);
}

const because: Record<TransientWhy, string> = {
  dns: 'its name did not resolve',
  connect: 'it could not be reached',
  tls: 'its certificate was not trusted (see AWS_CA_BUNDLE)',
  proxy: 'a proxy refused the request',
  'captive-portal': 'something else answered (a captive portal or proxy?)',
  '5xx': 'it answered with an error of its own',
  '429': 'it asked us to slow down',
  'bad-body': 'its answer could not be read',
  timeout: 'it did not answer in time',
  aborted: 'the request was interrupted',
};

/** One sentence about a verdict that is not ok; `who` is the upstream as the user knows it. */
export function failureOf(who: string, verdict: NotOk): Failure {
  switch (verdict.type) {
    case 'transient':
      return failure('UpstreamUnavailable', `Cannot use ${who}: ${because[verdict.why]}`);
    case 'ambiguous':
      return failure('UpstreamUnavailable', `Cannot use ${who}: ${because.timeout}`);
    case 'denied':
      return failure('AccessDenied', `${who} denied access: ${verdict.detail}`);
    case 'not-yet':
      return failure('Renewing', `${who} still runs an earlier checkout`);
    case 'rejected':
    case 'unauthorized':
      return failure('AccessDenied', `${who} refused: ${verdict.detail}`);
  }
}
