/** Runs one checkout for one profile: from its path to ids, one at a time for each of them, anew where ids have changed. */
import { stopped } from './ask.ts';
import { checkOut } from './checkout.ts';
import type { Call, Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import { idOf } from './entry.ts';
import { inputProblem } from './gates.ts';
import type { NamedEntry } from './match.ts';
import type { Done, Issued, Operation } from './operation.ts';
import { done, Memory } from './operation.ts';
import type { AccessType } from './rows.ts';
import type { AcquireRequest, BritiveProfileSettings, Checkout, Verdict } from './types.ts';

export interface ProfileParts {
  readonly connection: Connection;
  readonly directory: Directory;
  readonly settings: BritiveProfileSettings;
}

export type Collect<T> = Operation<T>['collect'];

export interface Errand<T> {
  readonly accessType: AccessType;
  /** Why this entry is not for it, null where it is. */
  readonly refusal: (entry: NamedEntry) => Verdict<never> | null;
  readonly collect: (entry: NamedEntry) => Collect<T>;
}

export const run = async <T>(
  parts: ProfileParts,
  request: AcquireRequest,
  errand: Errand<T>,
): Promise<Verdict<Issued<T>>> => {
  const { connection, directory, settings } = parts;
  const { record, wish, signal } = request;
  if (record === null) return { type: 'unauthorized', detail: 'nobody is signed in' };
  const problem = wish === null ? null : inputProblem(wish);
  if (problem !== null) return problem;
  const call = { connection, record, signal };
  const resolved = await directory.resolve(call, settings, null);
  if (resolved.type !== 'ok') return resolved;
  const { entry, readAt } = resolved.value;
  const refusal = errand.refusal(entry);
  if (refusal !== null) return refusal;
  const first = await checkOutEntry(parts, request, { call, entry, errand });
  const isOld = connection.dependencies.clock.now() - readAt >= newMs;
  if (!first.idsRefused || !isOld) return first.verdict;
  // Ids may have changed since they were read: one look, and another try where they have.
  const again = await directory.resolve(call, settings, readAt);
  if (again.type !== 'ok') return again;
  if (idOf(again.value.entry) === idOf(entry)) return first.verdict;
  return (await checkOutEntry(parts, request, { call, entry: again.value.entry, errand })).verdict;
};

/** Ids that were read this recently are right. */
const newMs = 60_000;

interface EntryErrand<T> {
  readonly call: Call;
  readonly entry: NamedEntry;
  readonly errand: Errand<T>;
}

const checkOutEntry = async <T>(
  { connection }: ProfileParts,
  { checkout, wish }: AcquireRequest,
  { call, entry, errand }: EntryErrand<T>,
): Promise<Done<T>> => {
  const { papId, environmentId } = entry;
  const key = { papId, environmentId, accessType: errand.accessType };
  const input = wish?.answers ?? { justification: null, ticketType: null, ticketId: null };
  const outcome = await connection.inTurn(`${papId}/${environmentId}/${errand.accessType}`, call.signal, () =>
    checkOut({
      call,
      key,
      wish,
      extend: heldToExtend(entry, checkout),
      collect: errand.collect(entry),
      memory: new Memory(input),
    }),
  );
  return outcome ?? done(stopped);
};

const heldToExtend = ({ extendable }: NamedEntry, checkout: Checkout | null): string | null =>
  extendable === true ? (checkout?.transaction ?? null) : null;
