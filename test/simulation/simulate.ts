/** `npm run simulate -- --seeds N [--first M] [--hours H] [--jobs J]` */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { hourRange, jobRange, runScript, ScriptOptions, seedRange } from '../support/script.ts';
import { describeCounts, describeFailure } from './report.ts';
import { runSeeds } from './seed-pool.ts';

const defaults = { seeds: '2000', first: '1', hours: '8', jobs: String(availableParallelism()) };

async function main(): Promise<void> {
  const options = new ScriptOptions(defaults, process.argv.slice(2));
  const [seeds, first] = [options.number('seeds', seedRange), options.number('first', seedRange)];
  const [hours, jobs] = [options.number('hours', hourRange), options.number('jobs', jobRange)];
  const began = performance.now();
  const progress = (done: number, failed: number): void => {
    const perSecond = (done / (performance.now() - began)) * 1_000;
    process.stderr.write(`\r${done} of ${seeds} seeds, ${failed} failed, ${perSecond.toFixed(0)} a second `);
  };
  const workerFile = fileURLToPath(new URL('seed-worker.mjs', import.meta.url));
  const result = await runSeeds({ workerFile, first, seeds, hours, jobs, progress, enough: 10 });
  const took = (performance.now() - began) / 1_000;
  process.stderr.write('\n');
  const [worst] = result.failed;
  if (worst) process.stdout.write(`${describeFailure(worst, hours)}\n`);
  if (worst) process.stdout.write(`failed seeds: ${result.failed.map(({ seed }) => seed).join(' ')}\n`);
  process.stdout.write(`${describeCounts(result.counts)}\n`);
  process.stdout.write(
    `${result.seeds} seeds of ${hours} hours in ${took.toFixed(1)} s, ${result.failed.length} failed\n`,
  );
  process.exitCode = worst ? 1 : 0;
}

runScript(main);
