/** Runs many seeds on several cores. */
import { Worker } from 'node:worker_threads';
import type { SeedReport } from './run-seed.ts';
import type { Batch, BatchResult } from './seed-worker.ts';

export interface PoolOptions {
  /** `seed-worker.ts` as one bundled file. */
  readonly workerFile: string;
  readonly first: number;
  readonly seeds: number;
  readonly hours: number;
  readonly jobs: number;
  readonly progress: (done: number, failed: number) => void;
  /** No seed is begun after so many have failed. */
  readonly enough: number;
}

export interface PoolResult {
  readonly seeds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** By seed, the lowest first. */
  readonly failed: readonly SeedReport[];
}

const batchSize = 20;

export async function runSeeds(options: PoolOptions): Promise<PoolResult> {
  const { first, seeds, hours, jobs, enough, progress } = options;
  const counts: Record<string, number> = {};
  const failed: SeedReport[] = [];
  let [next, done] = [first, 0];
  const take = (): Batch | null => {
    const left = first + seeds - next;
    if (left <= 0 || failed.length >= enough) return null;
    const batch = { first: next, seeds: Math.min(batchSize, left), hours };
    next += batch.seeds;
    return batch;
  };
  const note = (result: BatchResult): void => {
    done += result.seeds;
    failed.push(...result.failed);
    for (const [what, times] of Object.entries(result.counts)) counts[what] = (counts[what] ?? 0) + times;
    progress(done, failed.length);
  };
  await Promise.all(Array.from({ length: jobs }, () => work(options.workerFile, take, note)));
  return { seeds: done, counts, failed: failed.sort((one, other) => one.seed - other.seed) };
}

async function work(file: string, take: () => Batch | null, note: (result: BatchResult) => void): Promise<void> {
  const worker = new Worker(file);
  try {
    for (let batch = take(); batch; batch = take()) note(await ask(worker, batch));
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, batch: Batch): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('error', reject);
    worker.once('message', resolve);
    worker.postMessage(batch);
  });
}
