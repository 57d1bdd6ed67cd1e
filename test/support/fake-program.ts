import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '../../src/adapters/process-identity.ts';

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

/** Resolves once no such process runs; a zombie is none, whoever has to bury it. */
export const gone = async (pid: number): Promise<void> => {
  while (identityOf(pid) !== null) await new Promise((resolve) => setImmediate(resolve));
};
