/** The conditions of a checkout. Each throws where it is not met; in which order they are asked, a knob says. */
import type { Attempt, AttemptParts, CheckoutAttempt } from './attempt.ts';
import { refusal } from './errors.ts';
import type { Check } from './knobs.ts';
import { phaseOf } from './progress.ts';

type Conditions = Readonly<Record<Check, (parts: AttemptParts, attempt: CheckoutAttempt) => void>>;

export const checks: Conditions = {
  entitled: checkEntitled,
  accessType: checkAccessType,
  active: checkNotActive,
  stepUp: checkStepUp,
  justification: (_parts, attempt) => checkJustification(attempt),
  ticket: (_parts, attempt) => checkTicket(attempt),
  approval: checkApproval,
};

export function checkEntitled(_parts: unknown, { profile }: Attempt): void {
  if (!profile.isEntitled) throw refusal(403, 'PE-0002', 'Access denied by policy');
}

function checkAccessType(_parts: AttemptParts, { profile, accessType }: CheckoutAttempt): void {
  if (profile.accessTypes.includes(accessType)) return;
  const name = accessType === 'CONSOLE' ? 'Console' : 'Programmatic';
  throw refusal(400, 'E1001', `${name} access is not enabled for this profile`);
}

function checkNotActive({ checkouts }: AttemptParts, attempt: CheckoutAttempt): void {
  const active = checkouts.active({ ...attempt, userId: attempt.request.caller.person.userId });
  if (active === null) return;
  const isLeaving = phaseOf(checkouts.progress(active).status) === 'leaving';
  throw refusal(
    400,
    'E1001',
    `You have already checked out profile for this environment${isLeaving ? '; it is being checked in' : ''}`,
  );
}

function checkStepUp({ stepUps }: AttemptParts, { profile, request }: CheckoutAttempt): void {
  if (profile.needsStepUp && !stepUps.isProved(request.caller, request.call)) {
    throw refusal(403, 'PE-0028', 'Step-up authentication is required');
  }
}

export function checkJustification({ profile, reasons: { justification } }: Attempt): void {
  if (profile.justification === null) return;
  if (justification === null) throw refusal(400, 'AS-0001', 'Justification is required');
  const { pattern } = profile.justification;
  if (pattern !== null && !new RegExp(pattern).test(justification)) {
    throw refusal(400, 'AS-0002', 'Justification does not match the configured format.');
  }
}

export function checkTicket({ profile: { ticket }, reasons: { ticketType, ticketId } }: Attempt): void {
  if (ticket === null) return;
  if (ticketType === null && ticketId === null) throw refusal(400, 'AS-0003', 'Ticket type and ID are required');
  if (ticketType === null) throw refusal(400, 'AS-0004', 'Ticket type is required');
  if (ticketId === null) throw refusal(400, 'AS-0005', 'Ticket ID is required');
  if (!ticket.types.includes(ticketType)) throw refusal(400, 'AS-0006', 'Ticket type is invalid');
  if (!ticket.ids.includes(ticketId)) throw refusal(400, 'AS-0007', 'Ticket ID is invalid');
}

function checkApproval({ knobs, approvals }: AttemptParts, attempt: CheckoutAttempt): void {
  const { person } = attempt.request.caller;
  if (!attempt.profile.needsApproval || knobs.alreadyApproved) return;
  if (approvals.latest(person, attempt, 'APPROVED') !== null) return;
  if (approvals.latest(person, attempt, 'PENDING') !== null) {
    throw refusal(400, 'MA-0011', 'An approval request is already pending');
  }
  if (attempt.reasons.justification === null) {
    throw refusal(400, 'MA-0009', 'Approval is required and a justification must be given');
  }
  throw refusal(400, 'MA-0010', 'Approval is required');
}
