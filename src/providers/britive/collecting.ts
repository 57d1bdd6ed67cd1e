/** The checkout is made: wait until it stands, and collect what it yields. */

import { transient } from '../failures.ts';
import { parseCheckouts, requestCheckouts } from './access.ts';
import { denied } from './errors.ts';
import type { Collected, Issued, Operation, State, Target } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import { poll } from './poll.ts';
import { failedOut } from './posting.ts';
import type { Parsed } from './reply.ts';
import type { CheckoutRow } from './rows.ts';
import { earliest } from './timestamps.ts';

const outMs = 180_000;

export const waitingOut = async (op: Operation<unknown>, transaction: string): Promise<State<never>> => {
  const pace = { deadlineMs: outMs, pausesMs: [500, 1_000, 1_000, 2_000] };
  const row = await poll(op.call, pace, () => settledRow(op, transaction));
  // The next call finds it in the list, and waits on.
  if (row === 'deadline') return done(transient('timeout', 'the checkout is still under way'));
  if (row.type !== 'ok') return failed(op, row);
  switch (row.value.liveness) {
    case 'live':
      return { at: 'fetching', row: row.value };
    case 'failed-out':
      return failedOut(row.value);
    default:
      return done(transient('aborted', 'the checkout was given back meanwhile'));
  }
};

/** Null while it is under way, and while the list does not show it yet. */
const settledRow = async ({ call }: Operation<unknown>, transaction: string): Promise<Parsed<CheckoutRow | null>> => {
  const rows = parseCheckouts(await requestCheckouts(call));
  if (rows.type !== 'ok') return rows;
  const row = rows.value.find((one) => one.transaction === transaction);
  return { ...rows, value: row === undefined || row.liveness === 'pending-out' ? null : row };
};

const fetchMs = 30_000;

export const fetching = async <T>(op: Operation<T>, row: Target): Promise<State<T>> => {
  const pace = { deadlineMs: fetchMs, pausesMs: [0, 500, 1_000] };
  const collected = await poll(op.call, pace, () => op.collect(op.call, row));
  if (collected === 'deadline') return done(transient('timeout', 'the credentials are not ready yet'));
  if (collected.type !== 'ok') return failed(op, collected);
  switch (collected.value) {
    case 'given-back':
      return op.memory.allows('look again')
        ? { at: 'checking' }
        : done(transient('aborted', 'it was given back meanwhile'));
    case 'incomplete':
      return incomplete(op, row);
    default:
      tell(op, 'checkout.ready');
      return { at: 'done', verdict: { type: 'ok', value: issuedOf(row, collected.value) }, idsRefused: false };
  }
};

/** A new secret ends the old one, which others may use: once, and where that is asked for. */
const incomplete = (op: Operation<unknown>, row: Target): State<never> => {
  if (op.wish?.force && op.memory.allows('force')) return { at: 'checking-in', row };
  return done(denied('checkout-failed', 'shows its secret once; --force makes a new one and ends the old secret'));
};

const issuedOf = <T>(row: Target, { value, expiresAt }: Exclude<Collected<T>, string>): Issued<T> => ({
  transaction: row.transaction,
  expiresAt: earliest(row.expiresAt, expiresAt),
  value,
});
