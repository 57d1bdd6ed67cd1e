/**
 * The key in a file of its own, which only its owner may read. It keeps tokens out of greps, screenshots and partial
 * backups; whoever can read the user's files can read them.
 */
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { writeFileAtomically } from '../atomic-file.ts';
import { belowHome, readPrivately } from './private-file.ts';
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

const readKey = (path: string): Uint8Array | null => {
  const bytes = readPrivately(path, 1_024);
  if (bytes === null) return null;
  const key = Buffer.from(bytes.toString('latin1').trim(), 'base64url');
  if (key.length !== keyBytes) throw new Error(`"${path}" is damaged. Move it away and sign in again`);
  return key;
};
