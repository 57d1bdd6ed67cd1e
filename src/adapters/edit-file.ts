/**
 * Edits a file of the user's that other tools read and write too, such as `~/.aws/credentials`: ours take turns, and
 * whoever reads sees the old file or the new one. Other tools take no lock; what they write while we do is lost, as it
 * is among themselves.
 *
 * A link is followed, because people keep these files elsewhere and link them; the link stays. The file gets mode 0600.
 */
import { hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import { readFileBounded, writeFileAtomically } from './atomic-file.ts';
import { inTurn } from './file-turn.ts';
import { errorCode, isMissing } from './system-error.ts';

export interface EditFileOptions {
  readonly path: string;
  /** A private directory of ours, where the turns at all files are kept. */
  readonly locks: string;
  readonly signal: AbortSignal;
}

/** Null is a file that is not there; the same text, or null, leaves things as they are. */
export type Edit = (text: string | null) => string | null;

const maxBytes = 4 * 1024 * 1024;

/** Throws what `edit` throws, and a `BrokerError` for a file that cannot be read or written; then nothing has changed. */
export const editFile = async ({ path, locks, signal }: EditFileOptions, edit: Edit): Promise<void> => {
  const target = saying(path, 'found', () => targetOf(resolve(path)));
  await inTurn(join(locks, hash('sha256', target).slice(0, 32)), signal, () => {
    const before = saying(path, 'read', () => readText(target));
    const after = edit(before);
    if (after === null || after === before) return;
    saying(path, 'written', () => {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      removeLeftovers(target);
      writeFileAtomically(target, after);
    });
  });
};

/** Where the file really is, by one name for all, even where the directory is still to be made. */
const targetOf = (path: string): string => {
  try {
    return realpathSync.native(path);
  } catch (cause) {
    if (!isMissing(cause) || dirname(path) === path) throw cause;
  }
  if (isLink(path)) throw new BrokerError('Failed', `"${path}" links to nothing. Remove the link, or make its target`);
  return join(targetOf(dirname(path)), basename(path));
};

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

const readText = (target: string): string | null => {
  const bytes = readFileBounded(target, maxBytes, refuseForeign(target));
  // The byte order mark stays.
  return bytes === null ? null : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
};

/** A file that root put in its place would shut its owner out. */
const refuseForeign =
  (target: string) =>
  ({ uid }: Stats): void => {
    const { getuid } = process;
    if (getuid === undefined || uid === getuid()) return;
    throw new BrokerError('Failed', `"${target}" belongs to another user. Run this as that user`);
  };

/** What a kill in the middle of a write left behind, with credentials in it. The turn is ours: nobody is writing one. */
const removeLeftovers = (target: string): void => {
  const [directory, name] = [dirname(target), basename(target)];
  for (const entry of readdirSync(directory)) {
    const isOurs = entry.startsWith(`.${name}.`) && /^[0-9a-f]{12}\.tmp$/.test(entry.slice(name.length + 2));
    if (isOurs) rmSync(join(directory, entry), { force: true });
  }
};

const saying = <T>(path: string, what: string, act: () => T): T => {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof BrokerError) throw cause;
    const why = cause instanceof TypeError ? 'it is not UTF-8' : (errorCode(cause) ?? 'it is no ordinary file');
    throw new BrokerError('Failed', `"${path}" cannot be ${what} (${why}). Check it, and its directory`, { cause });
  }
};
