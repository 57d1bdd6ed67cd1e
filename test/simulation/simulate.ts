/** `npm run simulate -- --seeds N [--first M] [--hours H] [--jobs J]` */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeCounts, describeFailure } from './report.ts';
import { runSeeds } from './seed-pool.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    first: { type: 'string', default: '1' },
    hours: { type: 'string', default: '8' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});

const numberOf = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} takes a number above 0`);
};

async function main(): Promise<void> {
  const [seeds, first, hours, jobs] = [numberOf('seeds'), numberOf('first'), numberOf('hours'), numberOf('jobs')];
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

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
