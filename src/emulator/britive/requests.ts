/** `/api/v1/approvals`: what became of a request for access. */
import { type Answer, json } from '../call.ts';
import type { Approval, Approvals } from './approvals.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Reaction, TenantRequest } from './request.ts';
import { timestamp } from './timestamps.ts';

export interface RequestParts {
  readonly knobs: TenantKnobs;
  readonly approvals: Approvals;
}

export const getApproval =
  (parts: RequestParts): Reaction =>
  (request) =>
    json(200, detail(parts, own(parts, request)));

export const listApprovals =
  (parts: RequestParts): Reaction =>
  ({ call, caller }) => {
    const type = call.query.get('requestType');
    if (type !== 'myRequests' && type !== 'myApprovals') throw refusal(400, 'E1000', 'requestType is missing');
    const filter = call.query.get('filter');
    const wanted = filter === null ? null : /^status eq "?(\w+)"?$/i.exec(filter)?.[1]?.toUpperCase();
    if (wanted === undefined) throw refusal(400, 'E1000', 'The filter cannot be read');
    const mine = type === 'myRequests' ? parts.approvals.of(caller.person) : [];
    const list = mine
      .map((approval) => detail(parts, approval))
      .filter(({ status }) => wanted === null || status === wanted);
    const { approvalList, nextLink } = parts.knobs;
    const headers: Answer['headers'] = nextLink === null ? {} : { 'next-page': nextLink };
    return json(200, approvalList === 'array' ? list : { [approvalList]: list }, headers);
  };

/** By the identifier of the request. */
export const withdraw =
  (parts: RequestParts): Reaction =>
  (request) =>
    withdrawn(parts, own(parts, request));

/** By `resourceId=papId/environmentId`. */
export const withdrawByTarget =
  (parts: RequestParts): Reaction =>
  ({ call, caller }) => {
    const target = call.query.get('resourceId');
    const approval = parts.approvals
      .of(caller.person)
      .find((one) => resourceOf(one) === target && parts.approvals.statusOf(one) === 'PENDING');
    if (approval === undefined) throw refusal(404, 'E1002', 'There is no pending request for this resource');
    return withdrawn(parts, approval);
  };

function withdrawn({ approvals }: RequestParts, approval: Approval): Answer {
  if (approvals.statusOf(approval) !== 'PENDING') throw refusal(400, 'E1000', 'The request is not pending');
  approvals.decide(approval, 'WITHDRAWN');
  return { status: 204, headers: {}, body: '' };
}

function own({ approvals }: RequestParts, { caller, params }: TenantRequest): Approval {
  const approval = approvals.find(params['requestId'] ?? '');
  if (approval === null || approval.person.userId !== caller.person.userId) {
    throw refusal(404, 'E1002', 'The request does not exist');
  }
  return approval;
}

const resourceOf = ({ papId, environmentId }: Approval): string => `${papId}/${environmentId}`;

function detail({ knobs, approvals }: RequestParts, approval: Approval) {
  const at = (ms: number): string => timestamp(ms, knobs.timestamps);
  return {
    requestId: approval.requestId,
    userId: approval.person.userName,
    consumer: 'papservice',
    action: 'papservice.profile.access',
    resource: resourceOf(approval),
    justification: approval.justification,
    approvers: { userIds: ['approver@example.com'] },
    createdAt: at(approval.createdAt),
    status: approvals.statusOf(approval),
    validFor: Math.floor(knobs.approvalLifeMs / 60_000),
    timeToApprove: Math.floor(knobs.timeToApproveMs / 60_000),
    expirationTimeForApproveRequest: at(approvals.answerableUntil(approval)),
  };
}
