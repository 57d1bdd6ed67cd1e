import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { type Ended, ranTo } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';

it('runs the worlds that it is told to', async () => {
  const { status, stdout } = await simulator()('--first', '17', '--seeds', '1', '--hours', '0.5', '--jobs', '1');
  expect([status, stdout]).toEqual([0, expect.stringMatching(/1 seeds of 0\.5 hours in [\d.]+ s, 0 failed\n$/)]);
});

it('refuses in one sentence what makes no sense, and runs nothing', async () => {
  const simulate = simulator();
  const seeds = (text: string): string => `--seeds takes a whole number from 1 to 4294967295, not "${text}"`;
  const known = 'the options are --seeds, --first, --hours, --jobs';
  const sentences = new Map([
    ['--seeds abc', seeds('abc')],
    ['--seeds 0', seeds('0')],
    ['--seeds -3', seeds('-3')],
    ['--seeds=-3', seeds('-3')],
    ['--seeds 1.5', seeds('1.5')],
    ['--seeds 4294967296', seeds('4294967296')],
    ['--seeds=', seeds('')],
    ['--seeds', '--seeds takes a value'],
    ['--first 0', '--first takes a whole number from 1 to 4294967295, not "0"'],
    ['--hours 0', '--hours takes a number from 0.01 to 10000, not "0"'],
    ['--hours Infinity', '--hours takes a number from 0.01 to 10000, not "Infinity"'],
    ['--jobs 0', '--jobs takes a whole number from 1 to 1024, not "0"'],
    ['--jobs 1025', '--jobs takes a whole number from 1 to 1024, not "1025"'],
    ['--sedes 3', `"sedes" is none of its options; ${known}`],
    ['3', `"3" is none of its options; ${known}`],
  ]);
  const told: (readonly [string, Ended])[] = [];
  for (const typed of sentences.keys()) told.push([typed, await simulate(...typed.split(' '))]);
  const refused = (said: string): Ended => ({ status: 2, signal: null, stdout: '', stderr: `${said}\n` });
  expect(told).toEqual([...sentences].map(([typed, said]) => [typed, refused(said)]));
});

/** The script, built as `npm run simulate` builds it. */
function simulator(): (...words: readonly string[]) => Promise<Ended> {
  const outdir = tempDir();
  const entryPoints = ['simulate.ts', 'seed-worker.ts'].map((file) => fileURLToPath(new URL(file, import.meta.url)));
  const shared = { bundle: true, platform: 'node', target: 'node20', format: 'esm' } as const;
  buildSync({ ...shared, entryPoints, outdir, outExtension: { '.js': '.mjs' } });
  return (...words) => ranTo([process.execPath, join(outdir, 'simulate.mjs'), ...words], {});
}
