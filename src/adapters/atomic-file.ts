/**
 * Files that are either the old one or the new one, whatever happens in between: a temporary file in the same
 * directory, fsync, rename, fsync of the directory. Synchronous, so that what was saved is on disk when the caller goes
 * on. A symbolic link in place is replaced, never followed.
 */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMissing } from './system-error.ts';

const temporaryName = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Throws the system's error; then the old content still stands and no temporary file is left. */
export const writeFileAtomically = (path: string, data: string | Uint8Array): void => {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeNew(temporary, data);
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    // An error after the rename says nothing about the file: it is there, and calling that a failure would be a lie.
    if (!holds(path, data)) throw cause;
  }
};

/** Null when nothing is there. Throws for anything but a regular file, for a link, and beyond `maxBytes`. */
export const readFileBounded = (
  path: string,
  maxBytes: number,
  inspect: (stats: Stats) => void = () => {},
): Buffer | null => {
  const descriptor = openForReading(path);
  if (descriptor === null) return null;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`"${path}" is not a regular file`);
    inspect(stats);
    return readUpTo(descriptor, maxBytes, path);
  } finally {
    closeSync(descriptor);
  }
};

/** What a kill in the middle of a write left behind. Only for a directory that this process alone writes to. */
export const removeLeftovers = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    if (temporaryName.test(name)) rmSync(join(directory, name), { force: true });
  }
};

const fileMode = 0o600;

const writeNew = (path: string, data: string | Uint8Array): void => {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, fileMode);
  try {
    // Whatever the umask has taken away.
    fchmodSync(descriptor, fileMode);
    writeFileSync(descriptor, data);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const syncDirectory = (directory: string): void => {
  // Windows has no such operation; its rename is journalled.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const holds = (path: string, data: string | Uint8Array): boolean => {
  const expected = Buffer.from(data);
  try {
    return readFileBounded(path, expected.length)?.equals(expected) ?? false;
  } catch {
    return false;
  }
};

const openForReading = (path: string): number | null => {
  try {
    // Without O_NONBLOCK a pipe put in the file's place would stop the whole process.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
};

const readUpTo = (descriptor: number, maxBytes: number, path: string): Buffer => {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(65_536, maxBytes + 1 - total));
    const count = readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > maxBytes) throw new Error(`"${path}" is larger than ${maxBytes} bytes`);
  }
};
