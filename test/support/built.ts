/** The program as it is released. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'credbroker.cjs');

/** Looked at once: a file that is saved while the tests run spoils none of them. */
const isCurrent = builtAt() >= newestSource();

/** The words that run it. Throws when it was not built from the sources as they are. */
export function credbroker(): readonly [string, string] {
  if (isCurrent) return [process.execPath, program];
  throw new Error('dist/credbroker.cjs is missing or older than the sources. Run: npm run build');
}

function builtAt(): number {
  return statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestSource(): number {
  const files = ['src', 'config', 'routes'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
