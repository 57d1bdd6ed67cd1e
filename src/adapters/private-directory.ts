/**
 * The directory that holds what other users must not read or replace. Windows protects the profile directory by its
 * own lists, so there only its kind is checked.
 */
import type { Stats } from 'node:fs';
import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import { errorCode } from './system-error.ts';

/** Creates it when it is missing. Throws a `BrokerError` that names the path and what to do. */
export const ensurePrivateDirectory = (path: string): void => {
  create(path);
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) throw refused(`"${path}" is a symbolic link. Name the directory itself`);
  if (!stats.isDirectory()) throw refused(`"${path}" is not a directory. Move it away`);
  const { getuid } = process;
  if (getuid === undefined) return;
  if (stats.uid !== getuid()) throw refused(`"${path}" belongs to another user. Choose a directory of your own`);
  if ((stats.mode & 0o077) !== 0) throw refused(`"${path}" is open to other users. Run: chmod 700 "${path}"`);
  checkParents(path);
};

const create = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    // Something else has the name: what it is gets said below.
    if (errorCode(cause) === 'EEXIST') return;
    throw refused(`The directory "${path}" cannot be created. Check its parent, or set CREDBROKER_HOME`, cause);
  }
};

/** Whoever may rename a parent's entries may put a directory of his own in our place. */
const checkParents = (path: string): void => {
  let child = realpathSync(path);
  for (let parent = dirname(child); parent !== child; parent = dirname(child)) {
    if (replaceableByOthers(statSync(parent))) {
      throw refused(`Any user may replace what is in "${parent}". Run: chmod o-w "${parent}"`);
    }
    child = parent;
  }
};

const replaceableByOthers = (stats: Stats): boolean => (stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0;

const refused = (message: string, cause?: unknown): BrokerError => new BrokerError('Failed', message, { cause });
