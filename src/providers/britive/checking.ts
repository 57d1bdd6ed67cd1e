/** Before anything is made: is there a checkout already, and may it be used? */
import {
  parseCheckin,
  parseCheckouts,
  parseExtension,
  requestCheckin,
  requestCheckouts,
  requestExtension,
} from './access.ts';
import { stopped } from './ask.ts';
import type { Operation, State } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import { poll } from './poll.ts';
import type { Parsed } from './reply.ts';
import { patiently } from './retry.ts';
import type { CheckoutRow } from './rows.ts';
import { rowOf } from './rows.ts';
import { epoch } from './types.ts';

type Op = Operation<unknown>;

/** The row of this checkout, null for none. */
export const look = async ({ call, key }: Op): Promise<Parsed<CheckoutRow | null>> => {
  const rows = parseCheckouts(await requestCheckouts(call));
  return rows.type === 'ok'
    ? { ...rows, value: rowOf(rows.value, key, call.connection.dependencies.clock.now()) }
    : rows;
};

export const checking = async (op: Op): Promise<State<never>> => {
  const found = await patiently(op.call, () => look(op));
  if (found.type !== 'ok') return failed(op, found);
  const row = found.value;
  switch (row?.liveness) {
    case 'live':
      return liveRow(op, row);
    case 'pending-out':
      tell(op, 'checkout.reuse');
      return { at: 'waiting-out', transaction: row.transaction };
    case 'stuck-in':
      return op.memory.allows('unstick') ? { at: 'checking-in', row } : { at: 'waiting-gone' };
    case 'pending-in':
      return { at: 'waiting-gone' };
    default:
      return { at: 'posting' };
  }
};

const liveRow = (op: Op, row: CheckoutRow): State<never> => {
  // Once: what lives after that is a checkout that somebody made since.
  if (op.wish?.force && op.memory.allows('force')) return { at: 'checking-in', row };
  if (isDue(op, row) && op.memory.allows('extend')) return { at: 'extending', row };
  tell(op, 'checkout.reuse');
  return { at: 'fetching', row };
};

/** As early as any renewal begins. */
const dueMs = 75 * 60_000;

/** Extensions are counted: one that is found again after a restart is not prolonged before its time. */
const isDue = ({ call, extend }: Op, { transaction, checkedOutAt, expiresAt }: CheckoutRow): boolean => {
  if (extend !== transaction || expiresAt === null) return false;
  const halfLifeMs = checkedOutAt === null ? dueMs : (expiresAt - checkedOutAt) / 2;
  return expiresAt - call.connection.dependencies.clock.now() <= Math.min(dueMs, halfLifeMs);
};

/** Whatever comes of it, the list knows; a limit that is reached leaves the checkout as it was. */
export const extending = async (op: Op, { transaction }: CheckoutRow): Promise<State<never>> => {
  const parsed = parseExtension(await requestExtension(op.call, transaction));
  const settled = parsed.type === 'ok' || parsed.type === 'failure';
  return settled || (parsed.type === 'refused' && parsed.class !== 'auth') ? { at: 'checking' } : failed(op, parsed);
};

export const checkingIn = async (
  op: Op,
  row: Pick<CheckoutRow, 'transaction' | 'expiresAt'>,
): Promise<State<never>> => {
  tell(op, 'checkin.wait');
  const parsed = await patiently(op.call, async () => parseCheckin(await requestCheckin(op.call, row.transaction)));
  // A lost answer may be that of a check-in that was made.
  if (parsed.type === 'ok' || parsed.type === 'failure') tell(op, 'checkin.done', row.transaction);
  if (parsed.type === 'ok') {
    op.call.connection.shownOnce.forget(row.transaction);
    return { at: 'waiting-gone' };
  }
  if (parsed.type === 'failure' && parsed.why === 'aborted') return done(stopped);
  // What cannot be given back is still good.
  tell(op, 'checkin.failed');
  return { at: 'fetching', row };
};

/** A checkout right after a check-in took up to 40 s on a real tenant. */
const goneMs = 90_000;
const lookAgainMs = 30_000;

export const waitingGone = async (op: Op): Promise<State<never>> => {
  const { clock } = op.call.connection.dependencies;
  const ended = await poll(op.call, { deadlineMs: goneMs, pausesMs: [1_000, 1_000, 2_000] }, async () => {
    const found = await look(op);
    return found.type === 'ok' ? { ...found, value: found.value === null ? true : null } : found;
  });
  if (ended === 'deadline') return done({ type: 'not-yet', retryAt: epoch(clock.now() + lookAgainMs) });
  return ended.type === 'ok' ? { at: 'posting' } : failed(op, ended);
};
