/**
 * Every refusal of Britive has one class, and every class one verdict. The error code decides; where there is none, the
 * status does. Two conditions share a generic code and are known by their text alone.
 */
import { transient } from '../failures.ts';
import type { EpochMs, Verdict } from './types.ts';
import { epoch } from './types.ts';

export type RefusalClass =
  /** The token was refused. */
  | 'auth'
  /** Refused for a reason that no new sign-in changes. */
  | 'blocked'
  | 'step-up'
  | 'otp'
  | 'justification'
  | 'ticket'
  | 'approval'
  /** An approval has to be asked for, with a justification. */
  | 'approval-text'
  | 'approval-pending'
  | 'already-out'
  | 'already-in'
  | 'console-only'
  | 'busy'
  | 'transient'
  | 'forbidden'
  | 'not-found'
  | 'failed'
  | 'checkout-failed'
  /** A 400 without a meaning of its own, as ids that are no longer known cause it. */
  | 'bad-request';

type Row = readonly [RefusalClass, string];

const codes: Readonly<Record<string, Row>> = {
  'AU-0000': ['auth', 'the sign-in is not accepted'],
  'AU-0004': ['blocked', 'the user is disabled'],
  'AU-0005': ['auth', 'the sign-in belongs to a service identity'],
  'AU-0007': ['auth', 'the session is not accepted'],
  'AU-0009': ['otp', 'the one-time password is not accepted'],
  'AU-0014': ['blocked', 'the tenant does not exist'],
  'AU-0015': ['auth', 'the API token is unknown'],
  'AU-0016': ['auth', 'the API token was revoked'],
  'AU-0017': ['auth', 'the API token has expired'],
  'AU-0018': ['auth', 'the API token is not valid'],
  'AU-0019': ['auth', 'the sign-in failed'],
  'AU-0020': ['auth', 'the sign-in is not finished'],
  'AU-0021': ['blocked', 'the user is locked out'],
  'AS-0001': ['justification', 'a justification is needed'],
  'AS-0002': ['justification', 'the justification does not have the expected form'],
  'AS-0003': ['ticket', 'a ticket type and a ticket are needed'],
  'AS-0004': ['ticket', 'a ticket type is needed'],
  'AS-0005': ['ticket', 'a ticket is needed'],
  'AS-0006': ['ticket', 'the ticket type is not valid'],
  'AS-0007': ['ticket', 'the ticket is not valid'],
  'MA-0001': ['failed', 'the check-in failed'],
  'MA-0002': ['checkout-failed', 'failed'],
  'MA-0008': ['already-in', 'the checkout was given back'],
  'MA-0009': ['approval-text', 'an approval with a justification is needed'],
  'MA-0010': ['approval', 'an approval is needed'],
  'MA-0011': ['approval-pending', 'an approval request is pending'],
  'PE-0002': ['forbidden', 'a policy denies access'],
  'PE-0010': ['approval-pending', 'an approval request is pending'],
  'PE-0011': ['approval', 'an approval is needed'],
  'PE-0028': ['step-up', 'a one-time password is needed'],
  'RM-0024': ['failed', 'the resource needs a value that was not given'],
  'RM-0025': ['failed', 'the resource refuses a value'],
  E0000: ['auth', 'the session is not accepted'],
};

const families: readonly (readonly [RegExp, Row])[] = [
  [/^CO-/, ['checkout-failed', 'was refused by the cloud']],
  [/^CI-/, ['failed', 'the cloud refused the check-in']],
];

// Substrings of the message, in any case.
const texts: readonly (readonly [string, Row])[] = [
  ['already checked out profile for this environment', ['already-out', 'it is checked out already']],
  ['programmatic access is not enabled', ['console-only', 'the profile opens the console only']],
];

const statuses: Readonly<Record<number, Row>> = {
  401: ['auth', 'the session is not accepted'],
  403: ['forbidden', 'access is denied'],
  404: ['not-found', 'it is not known there'],
  408: ['transient', 'the request took too long'],
  409: ['busy', 'somebody else holds it'],
};

const unlisted: Row = ['bad-request', 'the request was refused'];

export interface Refused {
  readonly type: 'refused';
  readonly class: RefusalClass;
  /** For people: our words and the code, never the answer's. */
  readonly detail: string;
}

interface RefusalFacts {
  readonly status: number;
  readonly code: string | null;
  readonly message: string;
}

export const refusalOf = ({ status, code, message }: RefusalFacts): Refused => {
  const [found, words] = rowOf(status, code, message);
  const safe = code !== null && /^[A-Z]{1,5}-?\d{4}$/.test(code) ? code : String(status);
  return { type: 'refused', class: found, detail: `${words} (${safe})` };
};

const rowOf = (status: number, code: string | null, message: string): Row => {
  const text = texts.find(([part]) => message.toLowerCase().includes(part));
  if (text !== undefined && status === 400) return text[1];
  const row = code === null ? null : ownRow(code);
  // A token is dead by a 401 alone, whatever code stands beside another status.
  const usable = row !== null && (row[0] !== 'auth' || status === 401);
  return usable ? row : (statuses[status] ?? unlisted);
};

const ownRow = (code: string): Row | null =>
  (Object.hasOwn(codes, code) ? codes[code] : families.find(([family]) => family.test(code))?.[1]) ?? null;

/** Until somebody else's transaction is worth another look. */
const busyMs = 30_000;

export const refusalVerdict = (
  { class: found, detail }: Refused,
  { now }: { readonly now: EpochMs },
): Verdict<never> => {
  switch (found) {
    case 'auth':
      return { type: 'unauthorized', detail };
    case 'step-up':
    case 'otp':
      return denied('needs-otp', detail);
    case 'justification':
    case 'approval-text':
      return denied('needs-justification', detail);
    case 'ticket':
      return denied('needs-ticket', detail);
    case 'approval':
    case 'approval-pending':
      return denied('needs-approval', detail);
    case 'console-only':
      return denied('console-only', detail);
    case 'already-out':
    case 'busy':
      return { type: 'not-yet', retryAt: epoch(now + busyMs) };
    case 'transient':
      return transient('timeout', detail);
    case 'blocked':
    case 'forbidden':
      return denied('forbidden', detail);
    case 'already-in':
    case 'not-found':
      return denied('not-found', detail);
    case 'checkout-failed':
      return denied('checkout-failed', detail);
    case 'failed':
    case 'bad-request':
      return denied('bad-request', detail);
  }
};

type DeniedWhy = Extract<Verdict<never>, { type: 'denied' }>['why'];

export const denied = (why: DeniedWhy, detail: string): Verdict<never> => ({ type: 'denied', why, detail });
