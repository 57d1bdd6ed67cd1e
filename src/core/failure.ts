/** A failure as data: what the machines remember and compare; an Error is made from it only at the edge. */
import { BrokerError, type ErrorCode } from './errors.ts';
import type { TransientWhy, Verdict } from './types.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export const failure = (code: ErrorCode, message: string): Failure => ({ code, message });

/** Of whatever was thrown. */
export const toFailure = (thrown: unknown): Failure =>
  thrown instanceof BrokerError
    ? { code: thrown.code, message: thrown.message }
    : failure('UpstreamUnavailable', 'The profile it builds on could not be had; ask again');

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

/** What an upstream did that brought no answer. */
const deeds: Record<TransientWhy, string> = {
  dns: 'has a name that did not resolve',
  connect: 'could not be reached',
  tls: 'has a certificate that is not trusted (see AWS_CA_BUNDLE)',
  proxy: 'is behind a proxy that refused the request',
  'captive-portal': 'could not be reached: something else answered (a captive portal or proxy?)',
  '5xx': 'answered with an error of its own',
  maintenance: 'is in maintenance',
  '429': 'asked us to slow down',
  'bad-body': 'gave an answer that could not be read',
  timeout: 'did not answer in time',
  aborted: 'was not heard to the end',
};

/** What somebody else refuses, or breaks, on the way to a profile's credentials. */
const parts: Partial<Record<Denied['why'], string>> = { 'checkout-failed': 'checkout', 'not-approved': 'approval' };

/** What is so, without what comes next; `who` is the upstream as the user knows it. */
export function reasonOf(who: string, verdict: NotOk, profile: string | null = null): string {
  const of = profile === null ? '' : ` of "${profile}"`;
  switch (verdict.type) {
    case 'transient': {
      const said = verdict.why === 'maintenance' ? `: "${verdict.detail}"` : '';
      return `${who} ${deeds[verdict.why]}${said}`;
    }
    case 'ambiguous':
      return `${who} ${deeds.timeout}`;
    case 'denied': {
      const part = parts[verdict.why];
      return part ? `The ${part}${of} ${verdict.detail}` : `${who} denied access: ${verdict.detail}`;
    }
    case 'not-yet':
      return `An earlier checkout${of} has not ended yet`;
    case 'rejected':
    case 'unauthorized':
      return `${who} refused the sign-in: ${verdict.detail}`;
  }
}

/** One sentence about a verdict after which we go on by ourselves, unless it is a denial. */
export function failureOf(who: string, verdict: NotOk, profile: string | null = null): Failure {
  const reason = reasonOf(who, verdict, profile);
  switch (verdict.type) {
    case 'transient':
      return verdict.why === 'maintenance'
        ? inMaintenance(who, verdict.detail, verdict.retryAfterMs ?? 0)
        : failure('UpstreamUnavailable', `${reason}; it is asked again soon`);
    case 'ambiguous':
      return failure('UpstreamUnavailable', `${reason}; it is asked again soon`);
    case 'not-yet':
      return failure('Renewing', `${reason}; ask again in half a minute`);
    // It has no session whose matter it would be: the detail says how to sign in.
    case 'rejected':
      return failure('LoginRequired', verdict.detail);
    default:
      return failure('AccessDenied', reason);
  }
}

/** Its own words come last: they may be cut. */
export const inMaintenance = (who: string, said: string, againInMs: number): Failure =>
  failure('UpstreamUnavailable', `${who} is in maintenance; it is asked again ${inSeconds(againInMs)}: "${said}"`);

export const inSeconds = (ms: number): string => (ms > 0 ? `in ${Math.ceil(ms / 1_000)} s` : 'soon');
