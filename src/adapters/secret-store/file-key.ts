/**
 * The key in a file of its own, which only its owner may read. It keeps tokens out of greps, screenshots and partial
 * backups; whoever can read the user's files can read them.
 */
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { readFileBounded, writeFileAtomically } from '../atomic-file.ts';
import type { KeySource } from './secret-store.ts';
import { keyBytes } from './secret-store.ts';

export const fileKey = (directory: string): KeySource => {
  const path = join(directory, 'sessions.key');
  return {
    read: async () => {
      try {
        const bytes = readKey(path);
        return bytes === null ? { type: 'none' } : { type: 'value', key: bytes };
      } catch (cause) {
        return { type: 'unavailable', why: 'busy', detail: messageOf(cause) };
      }
    },
    write: async (key) => {
      try {
        writeFileAtomically(path, Buffer.from(key).toString('base64url'));
        return { type: 'done' };
      } catch (cause) {
        return { type: 'unavailable', detail: messageOf(cause) };
      }
    },
    describe: () => `an encrypted file (key in ${belowHome(path)})`,
  };
};

const belowHome = (path: string): string => {
  const home = homedir();
  // Empty where `HOME` is.
  return home !== '' && path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
};

const readKey = (path: string): Uint8Array | null => {
  const bytes = readFileBounded(path, 1_024, (stats) => {
    const { getuid } = process;
    if (getuid === undefined) return;
    if (stats.uid !== getuid()) throw new Error(`"${path}" belongs to another user. Move it away and sign in again`);
    if ((stats.mode & 0o077) !== 0) throw new Error(`"${path}" is open to other users. Run: chmod 600 "${path}"`);
  });
  if (bytes === null) return null;
  const key = Buffer.from(bytes.toString('latin1').trim(), 'base64url');
  if (key.length !== keyBytes) throw new Error(`"${path}" is damaged. Move it away and sign in again`);
  return key;
};
