import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { type Ended, ranTo } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';
import { mutants } from './mutants.ts';

it('names the mutants there are to whoever asks for one that is not there', async () => {
  const { status, stdout, stderr } = await gate('--only', 'nosuch');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trimEnd().split('\n')).toEqual([
    'No mutant is called "nosuch"; there are',
    ...mutants.map(({ name }) => `  ${name}`),
  ]);
});

it('refuses in one sentence what makes no sense', async () => {
  const stderr = '--seeds takes a whole number from 1 to 4294967295, not "0"\n';
  expect(await gate('--seeds', '0')).toEqual({ status: 2, signal: null, stdout: '', stderr });
});

/** The script, built as `npm run mutants` builds it, and run to its end. */
function gate(...words: readonly string[]): Promise<Ended> {
  const outfile = join(tempDir(), 'mutants.cjs');
  const entryPoints = [fileURLToPath(new URL('main.ts', import.meta.url))];
  const shared = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', packages: 'external' } as const;
  buildSync({ ...shared, entryPoints, outfile });
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
  return ranTo([process.execPath, outfile, ...words], { NODE_PATH: modules });
}
