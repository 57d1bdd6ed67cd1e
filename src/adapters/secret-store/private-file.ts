/** Files with a secret that only their owner may read. */
import { homedir } from 'node:os';
import { sep } from 'node:path';
import { readFileBounded } from '../atomic-file.ts';

/** Null when nothing is there. Throws a sentence for the user where others own it or may read it. */
export const readPrivately = (path: string, maxBytes: number): Buffer | null =>
  readFileBounded(path, maxBytes, (stats) => {
    const { getuid } = process;
    if (getuid === undefined) return;
    if (stats.uid !== getuid()) throw new Error(`"${path}" belongs to another user. Make it yours, or move it away`);
    if ((stats.mode & 0o077) !== 0) throw new Error(`"${path}" is open to other users. Run: chmod 600 "${path}"`);
  });

/** The path as people write it. */
export const belowHome = (path: string): string => {
  const home = homedir();
  // Empty where `HOME` is.
  return home !== '' && path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
};
