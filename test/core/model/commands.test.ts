/** A whole broker against a model that knows only what the server would say and what was served last. */
import fc from 'fast-check';
import { it } from 'vitest';
import { FakeClock } from '../../support/fake-clock.ts';
import { replay, runs } from './checks.ts';
import { commands, recover } from './commands.ts';
import { Truth } from './truth.ts';
import { World } from './world.ts';

it('keeps its promises whatever happens to its world', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (story) => {
      const time = new FakeClock();
      const model = new Truth(() => time.now());
      const real = new World(time, model);
      await fc.asyncModelRun(() => ({ model, real }), story);
      await recover(real, model);
    }),
    { numRuns: runs(300), ...replay() },
  );
});
