/** `/api/access/{papId}/environments/{environmentId}`: before the checkout, and the checkout itself. */
import { json } from '../call.ts';
import { type Attempt, type AttemptParts, accessOf, accessTypeOf, attemptOf } from './attempt.ts';
import { checkEntitled, checkJustification, checks, checkTicket } from './checks.ts';
import { refusal } from './errors.ts';
import type { Reaction } from './request.ts';
import { row } from './rows.ts';

export const checkOut =
  (parts: AttemptParts): Reaction =>
  (request) => {
    const attempt = { ...attemptOf(parts.knobs, request), accessType: accessTypeOf(request) };
    for (const check of parts.knobs.checkOrder) checks[check](parts, attempt);
    return json(200, row(parts, parts.checkouts.start({ ...attempt, userId: request.caller.person.userId })));
  };

/** The status list: the caller's checkouts. */
export const listCheckouts =
  (parts: AttemptParts): Reaction =>
  ({ caller }) =>
    json(
      200,
      parts.checkouts.listed(caller.person.userId).map((checkout) => row(parts, checkout)),
    );

/** What must be said at a checkout. Approval and second factor are not told. */
export const settings =
  ({ knobs, approvals }: AttemptParts): Reaction =>
  (request) => {
    const access = accessOf(knobs, request);
    checkEntitled(knobs, { ...access, request, reasons: noReasons });
    const { profile, environment } = access;
    const granted = approvals.latest(request.caller.person, access, 'APPROVED');
    return json(200, {
      profileId: profile.papId,
      environmentId: environment.environmentId,
      ...justificationSetting(access),
      ...ticketSetting(access),
      onCallSettings: { isAutoApproved: false, autoApprovalEndDate: null },
      approvalRequestData: {
        justification: granted?.justification ?? null,
        ticketId: granted?.ticketId ?? null,
        ticketType: granted?.ticketType ?? null,
      },
    });
  };

const noReasons = { justification: null, ticketType: null, ticketId: null };

const justificationSetting = ({ profile: { justification } }: Pick<Attempt, 'profile'>) =>
  justification !== null && {
    justificationSetting: {
      settingsType: 'JUSTIFICATION',
      isJustificationRequired: true,
      isJustificationRequiredAtCheckout: true,
      justificationRegex: justification.pattern,
    },
  };

const ticketSetting = ({ profile: { ticket } }: Pick<Attempt, 'profile'>) =>
  ticket !== null && {
    itsmSetting: {
      settingsType: 'ITSM',
      isITSMEnabled: true,
      isCommentRequired: false,
      connectionType: ticket.connection,
      supportedTicketTypes: ticket.types,
    },
  };

/** Asks somebody for the access; an empty answer says that it is granted already. */
export const requestApproval =
  ({ knobs, approvals }: AttemptParts): Reaction =>
  (request) => {
    const attempt = attemptOf(knobs, request);
    const { person } = request.caller;
    checkEntitled(knobs, attempt);
    if (attempt.reasons.justification === null) throw refusal(400, 'MA-0009', 'A justification must be given');
    checkJustification(attempt);
    checkTicket(attempt);
    const isGranted = knobs.alreadyApproved || approvals.latest(person, attempt, 'APPROVED') !== null;
    if (isGranted || !attempt.profile.needsApproval) return { status: 200, headers: {}, body: '' };
    if (approvals.latest(person, attempt, 'PENDING') !== null) {
      throw refusal(400, 'MA-0011', 'An approval request is already pending');
    }
    return json(200, { requestId: approvals.ask(person, attempt, attempt.reasons).requestId });
  };
