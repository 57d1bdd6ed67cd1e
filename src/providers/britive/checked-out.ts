/** What a tenant has checked out for its user, whoever asked for it. */
import type { CheckedOut } from '../../core/errand-upstream.ts';
import { parseCheckin, parseCheckouts, requestCheckin, requestCheckouts } from './access.ts';
import { judgeOf } from './ask.ts';
import type { Call } from './connection.ts';
import type { Directory } from './directory.ts';
import { idOf } from './entry.ts';
import { denied } from './errors.ts';
import { verdictOf } from './reply.ts';
import { patiently } from './retry.ts';
import type { CheckoutRow } from './rows.ts';
import { isRunning } from './rows.ts';
import type { Verdict } from './types.ts';

export const readCheckouts = async (call: Call, directory: Directory): Promise<Verdict<readonly CheckedOut[]>> => {
  const rows = await patiently(call, async () => parseCheckouts(await requestCheckouts(call)));
  if (rows.type !== 'ok') return verdictOf(rows, judgeOf(call));
  const now = call.connection.dependencies.clock.now();
  return { type: 'ok', value: rows.value.filter((row) => isRunning(row, now)).map((row) => shown(row, directory)) };
};

const shown = (row: CheckoutRow, directory: Directory): CheckedOut => {
  const { transaction, status, expiresAt, liveness } = row;
  const id = idOf(row);
  const access = row.accessType === 'CONSOLE' ? 'console' : 'programmatic';
  // What could not be given back may still be good.
  const live = liveness === 'live' || liveness === 'stuck-in';
  return { id, path: directory.pathOf(id), access, status, live, expiresAt, transaction };
};

/** Of a checkout that was ours: what the tenant does not know any more has been given back. */
export const checkIn = async (call: Call, transaction: string): Promise<Verdict<void>> => {
  const returned = await giveBack(call, transaction);
  return returned.type === 'denied' && returned.why === 'not-found' ? { type: 'ok', value: undefined } : returned;
};

/** Of whatever somebody names. */
export const giveBack = async (call: Call, transaction: string): Promise<Verdict<void>> => {
  const parsed = await patiently(call, async () => parseCheckin(await requestCheckin(call, transaction)));
  if (parsed.type !== 'ok') return verdictOf(parsed, judgeOf(call));
  call.connection.shownOnce.forget(transaction);
  return parsed.value === 'unknown' ? denied('not-found', 'the checkout is unknown') : { type: 'ok', value: undefined };
};
