/** Which path of the tenant leads to which handler. The tenant lives at the root, as every tenant does. */
import type { FastifyInstance } from 'fastify';
import type { Handler } from '../call.ts';
import type { Operation } from '../operations.ts';
import { type Service, serving } from '../serve.ts';
import { checkOut, listCheckouts, requestApproval, settings } from './access.ts';
import { type ListParts, listAccess, listApps, listEnvironments, listProfiles } from './access-list.ts';
import { admit, type GateParts, refuseForeign } from './admit.ts';
import { decideRequest, showRequests } from './approver-page.ts';
import type { AttemptParts } from './attempt.ts';
import { type AuthenticationParts, logout, retrieveTokens, validate } from './authentication.ts';
import { refusal } from './errors.ts';
import { withUnknownField } from './extra-fields.ts';
import { cliReady, decideLogin, type LoginPageParts, showLogin, showSso } from './login-pages.ts';
import { paramsOf, type Reaction } from './request.ts';
import { getApproval, listApprovals, withdraw, withdrawByTarget } from './requests.ts';
import { registrations, type SecondFactorParts, stepUp } from './second-factor.ts';
import { banner, features, health } from './system.ts';
import { searchTickets, validateTicket } from './tickets.ts';
import { checkIn, consoleUrl, extend, type TransactionParts, tokens } from './transactions.ts';

export type TenantParts = GateParts &
  AuthenticationParts &
  LoginPageParts &
  ListParts &
  AttemptParts &
  TransactionParts &
  SecondFactorParts;

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Endpoint<H> = readonly [method: Method, path: string, operation: Operation, handle: H];

export function addTenantRoutes(app: FastifyInstance, service: Service, parts: TenantParts): void {
  const add = ([method, url, operation, handle]: Endpoint<Handler>): void => {
    app.route({ method, url, handler: serving(service, { operationOf: () => operation, handle }) });
  };
  for (const endpoint of open(parts)) add(endpoint);
  for (const [method, path, operation, react] of [...authentication(parts), ...access(parts), ...others(parts)]) {
    add([method, path, operation, gated(parts, path, react)]);
  }
  const unknown = gated(parts, '', refuseUnknown);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    add([method, '/api/*', 'Unknown', unknown]);
  }
}

const gated =
  (parts: TenantParts, pattern: string, react: Reaction): Handler =>
  (call) => {
    refuseForeign(parts, call);
    const answer = react({ call, caller: admit(parts, call), params: paramsOf(pattern, call.path) });
    return parts.knobs.extraFields ? withUnknownField(answer) : answer;
  };

const announced =
  (parts: TenantParts, handle: Handler): Handler =>
  (call) => {
    refuseForeign(parts, call);
    return handle(call);
  };

const refuseUnknown: Reaction = () => {
  throw refusal(404, null, 'Not Found');
};

const open = (parts: TenantParts): readonly Endpoint<Handler>[] => [
  ['GET', '/login', 'BritiveLoginPage', showLogin(parts)],
  ['POST', '/login', 'BritiveLoginPage', decideLogin(parts)],
  ['GET', '/sso', 'BritiveLoginPage', showSso(parts)],
  ['GET', '/cli', 'BritiveLoginPage', cliReady],
  ['GET', '/approvals', 'BritiveApproverPage', showRequests(parts)],
  ['POST', '/approvals', 'BritiveApproverPage', decideRequest(parts)],
  ['GET', '/api/health', 'BritiveHealth', health(parts)],
  ['HEAD', '/api/health', 'BritiveHealth', health(parts)],
  ['POST', '/api/auth/cli/retrieve-tokens', 'BritiveRetrieveTokens', announced(parts, retrieveTokens(parts))],
];

const authentication = (parts: TenantParts): readonly Endpoint<Reaction>[] => [
  ['POST', '/api/auth/validate', 'BritiveValidate', validate],
  ['DELETE', '/api/auth', 'BritiveLogout', logout(parts)],
  ['GET', '/api/mfa/registrations', 'BritiveRegistrations', registrations(parts)],
  ['POST', '/api/step-up/authenticate/:factor', 'BritiveStepUp', stepUp(parts)],
];

const access = (parts: TenantParts): readonly Endpoint<Reaction>[] => [
  ['GET', '/api/access', 'BritiveListAccess', listAccess(parts)],
  ['GET', '/api/access/apps', 'BritiveDrillDown', listApps(parts)],
  ['GET', '/api/access/apps/:appId/environments', 'BritiveDrillDown', listEnvironments(parts)],
  ['GET', '/api/access/apps/:appId/environments/:environmentId/paps', 'BritiveDrillDown', listProfiles(parts)],
  ['GET', '/api/access/app-access-status', 'BritiveStatus', listCheckouts(parts)],
  ['POST', `${target}`, 'BritiveCheckout', checkOut(parts)],
  ['GET', `${target}/settings`, 'BritiveSettings', settings(parts)],
  ['POST', `${target}/approvalRequest`, 'BritiveRequestApproval', requestApproval(parts)],
  ['GET', `${target}/itsm/:ticketType/search`, 'BritiveTickets', searchTickets(parts)],
  ['GET', `${target}/itsm/:ticketType/validate/:ticketId`, 'BritiveTickets', validateTicket(parts)],
  ['GET', '/api/access/:transactionId/tokens', 'BritiveTokens', tokens(parts)],
  ['GET', '/api/access/:transactionId/url', 'BritiveConsoleUrl', consoleUrl(parts)],
  ['PUT', '/api/access/:transactionId', 'BritiveCheckin', checkIn(parts)],
  ['PATCH', '/api/access/extensions/:transactionId', 'BritiveExtend', extend(parts)],
];

const target = '/api/access/:papId/environments/:environmentId';

const others = (parts: TenantParts): readonly Endpoint<Reaction>[] => [
  ['GET', '/api/features', 'BritiveFeatures', features(parts)],
  ['GET', '/api/banner', 'BritiveBanner', banner(parts)],
  ['GET', '/api/v1/approvals', 'BritiveListApprovals', listApprovals(parts)],
  ['GET', '/api/v1/approvals/:requestId', 'BritiveGetApproval', getApproval(parts)],
  ['DELETE', '/api/v1/approvals/:requestId', 'BritiveWithdraw', withdraw(parts)],
  ['DELETE', '/api/v1/approvals/consumer/papservice/resource', 'BritiveWithdraw', withdrawByTarget(parts)],
];
