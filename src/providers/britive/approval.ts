/** Somebody else has to say yes. The request lives at the tenant, so a restart finds it again. */
import { wait } from '../wait.ts';
import type { Approval } from './approvals.ts';
import {
  findPending,
  parseApproval,
  parseApprovalState,
  parseWithdrawal,
  requestApproval,
  requestApprovalState,
  requestWithdrawal,
} from './approvals.ts';
import { stopped } from './ask.ts';
import { denied } from './errors.ts';
import type { Operation, State } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import type { Parsed } from './reply.ts';
import { isPassing, mayHaveWorked } from './reply.ts';
import { retryAfterMs } from './retry.ts';

type Op = Operation<unknown>;

export const requestingApproval = async (op: Op): Promise<State<never>> => {
  const parsed = parseApproval(await requestApproval(op.call, op.key, op.memory.input));
  if (parsed.type === 'failure' && mayHaveWorked(parsed)) return { at: 'resuming-approval' };
  if (parsed.type === 'refused' && parsed.class === 'approval-pending') return { at: 'resuming-approval' };
  if (parsed.type !== 'ok') return failed(op, parsed);
  if (parsed.value === null) return { at: 'posting' };
  tell(op, 'approval.requested', parsed.value);
  return { at: 'awaiting-approval', requestId: parsed.value };
};

/** Of this run's lost answer, of an earlier run, or made in the browser. */
export const resumingApproval = async (op: Op): Promise<State<never>> => {
  const found = await findPending(op.call, op.key);
  if (found.type !== 'ok') return failed(op, found);
  if (found.value !== null) return { at: 'awaiting-approval', requestId: found.value.requestId };
  // It was decided in between, or never arrived: the next checkout says which.
  if (op.memory.allows('approval gone')) return { at: 'posting' };
  return done(denied('forbidden', 'an approval request is pending that cannot be found'));
};

const patienceMs = 10 * 60_000;
const firstPauseMs = 5_000;
const longestPauseMs = 15_000;
const faultsInARow = 5;

export const awaitingApproval = async (op: Op, requestId: string): Promise<State<never>> => {
  const { clock } = op.call.connection.dependencies;
  tell(op, 'approval.waiting', requestId);
  let until: number = clock.now() + patienceMs;
  let faults = 0;
  let askedMs = 0;
  for (let turn = 0; ; turn++) {
    if (clock.now() >= until) return withdrawn(op, 'nobody approved it in time');
    const pauseMs = Math.max(pauseOf(op, turn), askedMs);
    if (!(await wait(op.call.connection.dependencies, Math.min(pauseMs, until - clock.now()), op.call.signal))) {
      return withdrawn(op, null);
    }
    const parsed = parseApprovalState(await requestApprovalState(op.call, requestId));
    const next = afterLook(op, parsed);
    if (next !== null) return next;
    faults = parsed.type === 'ok' ? 0 : faults + 1;
    askedMs = parsed.type === 'ok' ? 0 : retryAfterMs(parsed);
    if (parsed.type !== 'ok' && (!isPassing(parsed) || faults > faultsInARow)) return lost(op, parsed);
    if (parsed.type === 'ok') until = Math.min(until, parsed.value.decideBy ?? until);
  }
};

const pauseOf = ({ call }: Op, turn: number): number =>
  Math.min(firstPauseMs + turn * 1_000, longestPauseMs) * (0.9 + 0.2 * call.connection.dependencies.random());

/** Null while nobody has decided. */
const afterLook = (op: Op, parsed: Parsed<Approval>): State<never> | null => {
  if (parsed.type !== 'ok') return null;
  const { state, status } = parsed.value;
  switch (state) {
    case 'pending':
      return null;
    case 'approved':
      tell(op, 'approval.approved');
      return { at: 'posting' };
    case 'rejected':
      tell(op, 'approval.rejected');
      return done(denied('forbidden', 'the approval was rejected'));
    case 'ended':
      tell(op, 'approval.ended', status);
      return done(denied('forbidden', 'the approval request ended without an approval'));
  }
};

/** The request stays: it can be found again. */
const lost = (op: Op, parsed: Exclude<Parsed<Approval>, { type: 'ok' }>): State<never> =>
  parsed.type === 'failure' && parsed.why === 'aborted' ? done(stopped) : failed(op, parsed);

/** Nobody waits for it any more; what cannot be withdrawn runs out by itself. */
const withdrawn = async (op: Op, why: string | null): Promise<State<never>> => {
  // The caller's signal may be what ends it.
  const { signal } = new AbortController();
  const parsed = parseWithdrawal(await requestWithdrawal({ ...op.call, signal }, op.key));
  tell(op, parsed.type === 'ok' ? 'approval.withdrawn' : 'approval.ended');
  return done(why === null ? stopped : denied('forbidden', why));
};
