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
import type { Operation, PendingApproval, State } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import type { Parsed } from './reply.ts';
import { isPassing, mayHaveWorked } from './reply.ts';
import { retryAfterMs } from './retry.ts';
import type { Verdict } from './types.ts';

type Op = Operation<unknown>;

export const requestingApproval = async (op: Op): Promise<State<never>> => {
  const parsed = parseApproval(await requestApproval(op.call, op.key, op.memory.input));
  if (parsed.type === 'failure' && mayHaveWorked(parsed)) return { at: 'resuming-approval', isOurs: true };
  if (parsed.type === 'refused' && parsed.class === 'approval-pending')
    return { at: 'resuming-approval', isOurs: false };
  if (parsed.type !== 'ok') return failed(op, parsed);
  if (parsed.value === null) return { at: 'posting' };
  tell(op, 'approval.requested', parsed.value);
  return { at: 'awaiting-approval', requestId: parsed.value, isOurs: true };
};

/** Of this run's lost answer, of an earlier run, or made in the browser. */
export const resumingApproval = async (op: Op, isOurs: boolean): Promise<State<never>> => {
  const found = await findPending(op.call, op.key);
  if (found.type !== 'ok') return failed(op, found);
  if (found.value !== null) return { at: 'awaiting-approval', requestId: found.value.requestId, isOurs };
  // It was decided in between, or never arrived: the next checkout says which.
  if (op.memory.allows('approval gone')) return { at: 'posting' };
  return done(denied('forbidden', 'an approval request is pending that cannot be found'));
};

const patienceMs = 10 * 60_000;
const firstPauseMs = 5_000;
const longestPauseMs = 15_000;
const faultsInARow = 5;

export const awaitingApproval = async (op: Op, pending: PendingApproval): Promise<State<never>> => {
  const { clock } = op.call.connection.dependencies;
  const { requestId } = pending;
  tell(op, 'approval.waiting', requestId);
  let until: number = clock.now() + patienceMs;
  let faults = 0;
  let askedMs = 0;
  for (let turn = 0; ; turn++) {
    if (clock.now() >= until) return leaving(op, pending, denied('not-approved', 'was not given in time'));
    const pauseMs = Math.max(pauseOf(op, turn), askedMs);
    if (!(await wait(op.call.connection.dependencies, Math.min(pauseMs, until - clock.now()), op.call.signal))) {
      return leaving(op, pending, stopped);
    }
    const parsed = parseApprovalState(await requestApprovalState(op.call, requestId));
    if (op.call.signal.aborted && parsed.type !== 'ok') return leaving(op, pending, stopped);
    const next = afterLook(op, parsed);
    if (next !== null) return next;
    faults = parsed.type === 'ok' ? 0 : faults + 1;
    askedMs = parsed.type === 'ok' ? 0 : retryAfterMs(parsed);
    // The request stays: it can be found again.
    if (parsed.type !== 'ok' && (!isPassing(parsed) || faults > faultsInARow)) return failed(op, parsed);
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
      return done(denied('not-approved', 'was rejected'));
    case 'ended':
      tell(op, 'approval.ended', `ended (${status})`);
      return done(denied('not-approved', 'was not given: its request has ended'));
  }
};

const withdrawalMs = 10_000;

/** Nobody here waits for it any more: ours is withdrawn, and somebody else's left alone. */
const leaving = async (op: Op, pending: PendingApproval, verdict: Verdict<never>): Promise<State<never>> => {
  if (!pending.isOurs) tell(op, 'approval.ended', 'was made elsewhere and stays');
  else if (await isWithdrawn(op, pending)) tell(op, 'approval.withdrawn');
  else tell(op, 'approval.ended', 'could not be withdrawn; it ends by itself');
  return done(verdict);
};

const isWithdrawn = async ({ call }: Op, { requestId }: PendingApproval): Promise<boolean> => {
  // The caller's signal may be what ends it.
  const late = new AbortController();
  const stop = call.connection.dependencies.timers.after(withdrawalMs, () => late.abort());
  const parsed = parseWithdrawal(await requestWithdrawal({ ...call, signal: late.signal }, requestId));
  stop();
  return parsed.type === 'ok';
};
