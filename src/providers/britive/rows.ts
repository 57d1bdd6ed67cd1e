/** The list of checkouts is the only source of their state. Its rows may come late, and leave late. */
import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import { quoted } from './reply.ts';
import { parseTime } from './timestamps.ts';
import type { EpochMs } from './types.ts';

export type AccessType = 'PROGRAMMATIC' | 'CONSOLE';

/** What identifies a checkout: one profile spans environments, and opens the console beside the API. */
export interface AccessKey {
  readonly papId: string;
  readonly environmentId: string;
  readonly accessType: AccessType;
}

/** Where a checkout stands in its life. */
type Liveness = 'pending-out' | 'live' | 'failed-out' | 'pending-in' | 'stuck-in' | 'gone';

export interface CheckoutRow extends AccessKey {
  readonly transaction: string;
  /** As Britive spells it. */
  readonly status: string;
  readonly liveness: Liveness;
  readonly checkedOutAt: EpochMs | null;
  readonly expiresAt: EpochMs | null;
  readonly extensions: number;
  readonly error: string | null;
}

const liveness: ReadonlyMap<string, Liveness> = new Map([
  ['checkoutsubmitted', 'pending-out'],
  ['checkoutinprogress', 'pending-out'],
  ['checkoutinapproval', 'pending-out'],
  ['checkedout', 'live'],
  ['checkoutfailed', 'failed-out'],
  ['checkouttimeout', 'failed-out'],
  ['checkinsubmitted', 'pending-in'],
  ['checkininprogress', 'pending-in'],
  ['checkedin', 'gone'],
  ['checkedinexpired', 'gone'],
  ['checkinfailed', 'stuck-in'],
  ['checkintimeout', 'stuck-in'],
]);

/** Null for a row without what identifies it. */
export const parseRow = (row: JsonObject): CheckoutRow | null => {
  const transaction = textField(row, 'transactionId');
  const papId = textField(row, 'papId');
  const environmentId = textField(row, 'environmentId');
  if (transaction === null || papId === null || environmentId === null) return null;
  return {
    transaction,
    papId,
    environmentId,
    // Older tenants leave it out, and knew nothing else.
    accessType: row['accessType'] === 'CONSOLE' ? 'CONSOLE' : 'PROGRAMMATIC',
    checkedOutAt: parseTime(row['checkedOut']),
    ...parseState(row),
  };
};

export type CheckoutState = Pick<CheckoutRow, 'status' | 'liveness' | 'expiresAt' | 'extensions' | 'error'>;

export const parseState = (row: JsonObject): CheckoutState => {
  const status = textField(row, 'status') ?? 'unknown';
  // A status that nobody has heard of yet is on its way to one that somebody has.
  const known = liveness.get(status.toLowerCase()) ?? 'pending-out';
  const returned = known === 'live' && textField(row, 'checkedIn') !== null;
  const index = row['currentExtensionIndex'];
  return {
    status,
    liveness: returned ? 'pending-in' : known,
    expiresAt: parseTime(row['expiration'] ?? row['expirationTime']),
    extensions: typeof index === 'number' ? index : 0,
    error: quoted(row, 'errorMessage'),
  };
};

const sameKey = (one: AccessKey, other: AccessKey): boolean =>
  one.papId === other.papId && one.environmentId === other.environmentId && one.accessType === other.accessType;

/** Neither given back nor failed nor past its time. */
export const isRunning = ({ liveness, expiresAt }: CheckoutRow, now: EpochMs): boolean =>
  liveness !== 'gone' && liveness !== 'failed-out' && !(liveness === 'live' && expiresAt !== null && expiresAt <= now);

const order: readonly Liveness[] = ['live', 'pending-out', 'stuck-in', 'pending-in'];

/** The row that decides what to do; rows of the past decide nothing, nor does one whose time is over. */
export const rowOf = (rows: readonly CheckoutRow[], key: AccessKey, now: EpochMs): CheckoutRow | null => {
  const lasting = rows.filter((row) => isRunning(row, now));
  const found = order.map((wanted) => lasting.find((row) => row.liveness === wanted && sameKey(row, key)));
  return found.find((row) => row !== undefined) ?? null;
};
