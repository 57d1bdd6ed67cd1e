/** Where an approver grants or refuses the requests that wait. */
import { type Answer, type Handler, seeOther } from '../call.ts';
import { decisionForm, page } from '../pages.ts';
import { escapeXml } from '../xml.ts';
import type { Approval, Approvals } from './approvals.ts';
import { accesses } from './catalogue.ts';
import type { TenantKnobs } from './knobs.ts';

interface ApproverParts {
  readonly knobs: TenantKnobs;
  readonly approvals: Approvals;
}

const here = '/approvals';

export const showRequests =
  (parts: ApproverParts): Handler =>
  () =>
    listing(parts.approvals.waiting().map((approval) => requestText(parts.knobs, approval)));

/** The form's answer. Who answers too late, or twice, sees what is left. */
export const decideRequest =
  ({ approvals }: ApproverParts): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const approval = approvals.waiting().find(({ requestId }) => requestId === form.get('request'));
    if (approval !== undefined) approvals.decide(approval, form.get('decision') === 'allow' ? 'APPROVED' : 'REJECTED');
    return seeOther(here);
  };

const listing = (requests: readonly string[]): Answer =>
  page(200, 'Requests for access', requests.length === 0 ? '<p role="status">Nobody waits.</p>' : requests.join('\n'));

function requestText(knobs: TenantKnobs, approval: Approval): string {
  const isMeant = ({ papId, environmentId }: Pick<Approval, 'papId' | 'environmentId'>): boolean =>
    papId === approval.papId && environmentId === approval.environmentId;
  const access = accesses(knobs.applications).find(({ profile, environment }) =>
    isMeant({ ...profile, ...environment }),
  );
  const path = [access?.application.name, access?.environment.alternateName, access?.profile.name].join('/');
  return `<p>${escapeXml(approval.person.userName)} asks for <strong>${escapeXml(path)}</strong>:
${escapeXml(approval.justification ?? '')}</p>
${decisionForm(here, 'request', approval.requestId)}`;
}
