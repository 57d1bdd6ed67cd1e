import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { runGate } from './gate.ts';
import { mutants } from './mutants.ts';

it('the simulator notices every deliberate fault', { timeout: 3_600_000 }, async () => {
  const directory = join(tempDir(), 'bundles');
  const verdicts = await runGate({ mutants, directory, seeds: 1_500, hours: 8, judged: () => {} });
  expect(mutants.length).toBeGreaterThanOrEqual(25);
  expect(verdicts.filter(({ fate }) => fate !== 'killed').map(({ fate, mutant }) => `${fate}: ${mutant.name}`)).toEqual(
    [],
  );
});
