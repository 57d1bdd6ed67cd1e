/** The calls about approvals. A request belongs to a profile in an environment and covers both access types. */
import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import type { CheckoutInput } from './access.ts';
import { inputBody } from './access.ts';
import { ask, get, post } from './ask.ts';
import type { Call } from './connection.ts';
import { readPages } from './pages.ts';
import type { Parsed, Reply } from './reply.ts';
import { isObject, parse } from './reply.ts';
import type { AccessKey } from './rows.ts';
import { path } from './segment.ts';
import { parseTime } from './timestamps.ts';
import type { EpochMs } from './types.ts';

export const requestApproval = (
  call: Call,
  { papId, environmentId }: AccessKey,
  input: CheckoutInput,
): Promise<Reply> =>
  ask(call, post(path`/api/access/${papId}/environments/${environmentId}/approvalRequest`, inputBody(input)));

/** Null where nothing needs to be approved any more. */
export const parseApproval = (reply: Reply): Parsed<string | null> =>
  parse(reply, (body) => {
    if (body === null) return null;
    return (isObject(body) ? textField(body, 'requestId') : null) ?? undefined;
  });

type ApprovalState = 'pending' | 'approved' | 'rejected' | 'ended';

export interface Approval {
  readonly requestId: string;
  readonly resource: string | null;
  readonly state: ApprovalState;
  /** As Britive spells it, in lower case. */
  readonly status: string;
  readonly decideBy: EpochMs | null;
}

export const requestApprovalState = (call: Call, requestId: string): Promise<Reply> =>
  ask(call, get(path`/api/v1/approvals/${requestId}`));

export const parseApprovalState = (reply: Reply): Parsed<Approval> =>
  parse(reply, (body) => (isObject(body) ? parseOne(body) : null) ?? undefined);

const states: ReadonlyMap<string, ApprovalState> = new Map([
  ['pending', 'pending'],
  ['approved', 'approved'],
  ['rejected', 'rejected'],
]);

const parseOne = (body: JsonObject): Approval | null => {
  const requestId = textField(body, 'requestId');
  const status = textField(body, 'status')?.toLowerCase() ?? null;
  if (requestId === null || status === null) return null;
  // Timeout, cancelled, withdrawn, revoked, expired, and what nobody has heard of: no answer will come.
  const state = states.get(status) ?? 'ended';
  const decideBy = parseTime(body['expirationTimeForApproveRequest']);
  return { requestId, resource: textField(body, 'resource'), state, status, decideBy };
};

/** Our own request that still waits for this target, null for none. */
export const findPending = async (call: Call, key: AccessKey): Promise<Parsed<Approval | null>> => {
  const pages = await readPages(call, '/api/v1/approvals?requestType=myRequests');
  if (pages.type !== 'ok') return pages;
  const mine = `${key.papId}/${key.environmentId}`;
  const all = pages.value.map(parseOne).filter((one) => one !== null);
  return { type: 'ok', value: all.find(({ state, resource }) => state === 'pending' && resource === mine) ?? null };
};

export const requestWithdrawal = (call: Call, requestId: string): Promise<Reply> =>
  ask(call, { method: 'DELETE', path: path`/api/v1/approvals/${requestId}`, body: null });

export const parseWithdrawal = (reply: Reply): Parsed<null> => parse(reply, () => null);
