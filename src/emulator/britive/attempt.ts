/** What somebody asks for: an access, and why. */
import type { Approvals, Reasons } from './approvals.ts';
import { type Access, type AccessType, accesses } from './catalogue.ts';
import type { Checkouts } from './checkouts.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import { bodyOf, type TenantRequest, textOf } from './request.ts';
import type { StepUps } from './step-ups.ts';

export interface AttemptParts {
  readonly knobs: TenantKnobs;
  readonly checkouts: Checkouts;
  readonly approvals: Approvals;
  readonly stepUps: StepUps;
}

export interface Attempt extends Access {
  readonly request: TenantRequest;
  readonly reasons: Reasons;
}

export interface CheckoutAttempt extends Attempt {
  readonly accessType: AccessType;
}

const longestJustification = 255;

/** The access of a path with `:papId` and `:environmentId`. */
export function accessOf(knobs: TenantKnobs, { params }: TenantRequest): Access {
  const { papId, environmentId } = params;
  const access = accesses(knobs.applications).find(
    ({ profile, environment }) => profile.papId === papId && environment.environmentId === environmentId,
  );
  if (access === undefined) throw refusal(404, 'E1002', 'The profile or environment does not exist');
  return access;
}

export const attemptOf = (knobs: TenantKnobs, request: TenantRequest): Attempt => ({
  ...accessOf(knobs, request),
  request,
  reasons: reasonsOf(request),
});

export function accessTypeOf({ call }: TenantRequest): AccessType {
  const accessType = call.query.get('accessType');
  if (accessType === 'PROGRAMMATIC' || accessType === 'CONSOLE') return accessType;
  throw refusal(400, 'E1000', 'accessType must be PROGRAMMATIC or CONSOLE');
}

function reasonsOf({ call }: TenantRequest): Reasons {
  const body = bodyOf(call);
  if ('otp' in body) throw refusal(400, 'E1000', 'A one-time password has its own call');
  const justification = textOf(body, 'justification');
  if ((justification ?? '').length > longestJustification) {
    throw refusal(400, 'E1000', `justification must not be longer than ${longestJustification}`);
  }
  return { justification, ticketType: textOf(body, 'ticketType'), ticketId: textOf(body, 'ticketId') };
}
