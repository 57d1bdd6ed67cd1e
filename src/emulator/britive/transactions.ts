/** `/api/access/{transactionId}`: what a checkout gives, its end and its extension. */
import { json } from '../call.ts';
import { opaque } from '../random.ts';
import type { AccessType } from './catalogue.ts';
import type { Checkout, Checkouts } from './checkouts.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Payloads } from './payloads.ts';
import { phaseOf } from './progress.ts';
import type { Reaction, TenantRequest } from './request.ts';
import { row } from './rows.ts';

export interface TransactionParts {
  readonly knobs: TenantKnobs;
  readonly checkouts: Checkouts;
  readonly payloads: Payloads;
  readonly now: () => number;
}

export const tokens =
  (parts: TransactionParts): Reaction =>
  (request) => {
    const checkout = ready(parts, request, 'PROGRAMMATIC');
    const { since } = parts.checkouts.progress(checkout);
    if (parts.now() < since + parts.knobs.tokensDelayMs) throw notReady();
    return json(200, parts.payloads.of(checkout));
  };

export const consoleUrl =
  (parts: TransactionParts): Reaction =>
  (request) => {
    const { application } = ready(parts, request, 'CONSOLE');
    const isAmazon = application.kind.startsWith('AWS');
    const place = isAmazon ? 'https://signin.aws.amazon.com/federation?Action=login&' : 'https://sign-in.example.com/?';
    const url = `${place}SigninToken=${opaque(60)}`;
    if (parts.knobs.consoleUrl === 'text') return { status: 200, headers: { 'content-type': 'text/plain' }, body: url };
    return json(200, parts.knobs.consoleUrl === 'string' ? url : { url, idpName: null });
  };

export const checkIn =
  (parts: TransactionParts): Reaction =>
  (request) => {
    if (request.call.query.get('type') !== 'API') throw refusal(400, 'E1000', 'type must be API');
    const checkout = own(parts, request);
    const phase = phaseOf(parts.checkouts.progress(checkout).status);
    if (phase === 'gone' || phase === 'leaving') throw alreadyIn();
    if (phase === 'coming' || phase === 'failed') throw refusal(400, 'MA-0001', 'Check in failed');
    parts.payloads.revoke(checkout);
    return json(200, row(parts, parts.checkouts.checkIn(checkout)));
  };

export const extend =
  (parts: TransactionParts): Reaction =>
  (request) => {
    const checkout = own(parts, request);
    const { extension } = checkout.profile;
    if (phaseOf(parts.checkouts.progress(checkout).status) !== 'live') throw alreadyIn();
    if (extension === null) throw refusal(400, 'E1000', 'This profile cannot be extended');
    if (checkout.extensions >= extension.limit) throw refusal(400, 'E1000', 'The extension limit is reached');
    return json(200, row(parts, parts.checkouts.extend(checkout, extension.byMs)));
  };

function own({ checkouts }: TransactionParts, { caller, params }: TenantRequest): Checkout {
  const checkout = checkouts.find(params['transactionId'] ?? '', caller.person.userId);
  if (checkout === null) throw refusal(404, 'E1002', 'The transaction does not exist');
  return checkout;
}

/** The checkout, if it is of this type and done. */
function ready(parts: TransactionParts, request: TenantRequest, accessType: AccessType): Checkout {
  const checkout = own(parts, request);
  const phase = phaseOf(parts.checkouts.progress(checkout).status);
  if (checkout.accessType !== accessType) throw refusal(400, 'E1000', `Only for ${accessType} access`);
  if (phase === 'coming' || phase === 'failed') throw notReady();
  if (phase !== 'live') throw alreadyIn();
  return checkout;
}

const notReady = () => refusal(404, 'E1002', 'Not found');
const alreadyIn = () => refusal(400, 'MA-0008', 'The profile is already checked in');
