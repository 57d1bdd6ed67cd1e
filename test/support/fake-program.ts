import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';

/** The system's programs, for what the text of a fake one uses. */
export const systemPath = '/usr/bin:/bin';

/** An executable in that directory; `/bin/sh` runs its text. */
export const fakeProgram = (directory: string, name: string, text: string): void => {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
};

/** Text of a program that says its number in the file `pid` and never ends. */
export const hanging = (directory: string): string =>
  `echo $$ > '${directory}/pid.part'; mv '${directory}/pid.part' '${directory}/pid'; exec sleep 1000`;

/** Resolves once there is no such process. */
export const gone = async (pid: number): Promise<void> => {
  while (exists(pid)) await new Promise((resolve) => setImmediate(resolve));
};

/** A directory with these programs, to be put on a PATH. */
export const directoryOf = (programs: Readonly<Record<string, string>>): string => {
  const directory = tempDir();
  for (const [name, text] of Object.entries(programs)) fakeProgram(directory, name, text);
  return directory;
};

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
