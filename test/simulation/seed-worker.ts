/** A worker thread that runs the seeds it is given, one after the other. */
import { parentPort } from 'node:worker_threads';
import { runSeed, type SeedReport } from './run-seed.ts';

export interface Batch {
  readonly first: number;
  readonly seeds: number;
  readonly hours: number;
}

export interface BatchResult {
  readonly seeds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Seeds that have something to complain about. */
  readonly failed: readonly SeedReport[];
}

async function runBatch({ first, seeds, hours }: Batch): Promise<BatchResult> {
  const counts: Record<string, number> = {};
  const failed: SeedReport[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await runSeed(seed, { hours });
    for (const [what, times] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + times;
    if (report.complaints.length > 0) failed.push(await withStacks(seed, hours));
  }
  return { seeds, counts, failed };
}

/** A seed tells the same story again; only then is it worth knowing where each error came from. */
async function withStacks(seed: number, hours: number): Promise<SeedReport> {
  Error.stackTraceLimit = 20;
  const report = await runSeed(seed, { hours });
  Error.stackTraceLimit = 0;
  return report;
}

// Most errors of a run are answers to programs; their stacks would take a fifth of the time.
Error.stackTraceLimit = 0;
parentPort?.on('message', (batch: Batch) => {
  runBatch(batch).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      throw error;
    },
  );
});
