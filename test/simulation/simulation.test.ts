/** `SIM_SEEDS=20000 SIM_FIRST=1 npx vitest …` runs others than the first 2,000; `npm run simulate` tells more about them. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { mustHappen } from './covered.ts';
import { regressionSeeds } from './regression-seeds.ts';
import { describeFailure } from './report.ts';
import { runSeed } from './run-seed.ts';
import { runSeeds } from './seed-pool.ts';

const hours = 8;
const seeds = Number(process.env['SIM_SEEDS'] ?? 2_000);
const first = Number(process.env['SIM_FIRST'] ?? 1);
const jobs = Math.min(availableParallelism(), 8);

it('keeps its promises whatever happens, and meets everything that can happen', { timeout: 3_600_000 }, async () => {
  const enough = 5;
  const { failed, counts } = await runSeeds({
    workerFile: bundled(),
    first,
    seeds,
    hours,
    jobs,
    enough,
    progress: () => {},
  });
  expect(failed.map((report) => describeFailure(report, hours)).join('\n\n')).toBe('');
  // A few hundred worlds do not hold everything.
  const expected = seeds >= 2_000 ? mustHappen : ['served'];
  expect(expected.filter((what) => !counts[what])).toEqual([]);
});

it('tells the same story for the same seed', async () => {
  const [once, again] = [await runSeed(17, { hours }), await runSeed(17, { hours })];
  expect(once.story.length).toBeGreaterThan(100);
  expect(again).toEqual(once);
});

it.each(regressionSeeds)('seed $seed: no more does it happen that $found', async ({ seed, hours: length }) => {
  const report = await runSeed(seed, { hours: length });
  expect(report.complaints, describeFailure(report, length)).toEqual([]);
});

/** The engine and its world as one file, for worker threads. */
function bundled(): string {
  const entry = fileURLToPath(new URL('seed-worker.ts', import.meta.url));
  const outfile = join(tempDir(), 'seed-worker.mjs');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', target: 'node20', format: 'esm', outfile });
  return outfile;
}
