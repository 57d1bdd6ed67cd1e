/**
 * One owner for a directory, among any number of processes that start or die at any moment.
 *
 * Claims are files `owner.1`, `owner.2`, …, each with the identity of its process; the highest number owns. A claim is
 * made with link(2), which succeeds for exactly one process and shows the file only when it is complete. The highest
 * claim is never removed, not even by its own process on its way out: numbers only grow, so that a late process with an
 * old view of the directory can never claim a number that somebody has passed.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import { readFileBounded } from './atomic-file.ts';
import { parseObject } from './json.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identityOf, isRunning } from './process-identity.ts';
import { errorCode } from './system-error.ts';

const claimName = /^owner\.(\d+)$/;

/** Returns when this process owns the directory. Throws `AlreadyRunning` when another living process does. */
export const takeOwnership = (directory: string): void => {
  const self = identityOf(process.pid);
  if (self === null) throw new BrokerError('Failed', 'The process table cannot be read. Mount /proc, or install ps');
  for (;;) {
    const last = lastClaim(directory);
    const owner = ownerOf(directory);
    if (owner !== null && !isSame(owner, self)) throw alreadyRunning(owner.pid);
    if (owner !== null) return;
    if (claim(directory, last + 1, self) && lastClaim(directory) === last + 1) {
      removeClaimsBelow(directory, last + 1);
      return;
    }
  }
};

/** The living process that owns the directory, null when there is none. */
export const ownerOf = (directory: string): ProcessIdentity | null => {
  const last = lastClaim(directory);
  const claimed = last === 0 ? null : readClaim(join(directory, `owner.${last}`));
  return claimed !== null && isRunning(claimed) ? claimed : null;
};

export const alreadyRunning = (pid: number | null): BrokerError =>
  new BrokerError(
    'AlreadyRunning',
    `The daemon is already running${pid === null ? '' : ` (pid ${pid})`}. To end it, run: credbroker stop`,
  );

const lastClaim = (directory: string): number => Math.max(0, ...claims(directory));

const claims = (directory: string): readonly number[] =>
  readdirSync(directory).flatMap((name) => {
    const digits = claimName.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });

const claim = (directory: string, number: number, self: ProcessIdentity): boolean => {
  const draft = join(directory, `.owner.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(draft, JSON.stringify(self), { flag: 'wx', mode: 0o600, flush: true });
    linkSync(draft, join(directory, `owner.${number}`));
    return true;
  } catch (cause) {
    // Taken by another, who may also have swept up our draft: look again.
    if (['EEXIST', 'ENOENT'].includes(errorCode(cause) ?? '')) return false;
    throw new BrokerError('Failed', `"${directory}" does not take hard links. Set CREDBROKER_HOME to another disk`, {
      cause,
    });
  } finally {
    rmSync(draft, { force: true });
  }
};

const removeClaimsBelow = (directory: string, number: number): void => {
  for (const old of claims(directory)) {
    if (old < number) rmSync(join(directory, `owner.${old}`), { force: true });
  }
};

/** Null for a claim that is gone or torn by a power cut: nobody who lives wrote that. */
const readClaim = (path: string): ProcessIdentity | null => {
  try {
    const { pid, startedAt } = parseObject(readFileBounded(path, 4_096)?.toString('utf8') ?? '') ?? {};
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : null;
  } catch {
    return null;
  }
};

const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.pid === other.pid && one.startedAt === other.startedAt;
