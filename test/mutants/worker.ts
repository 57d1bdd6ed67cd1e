/** Runs seeds until the fault in this bundle is noticed, and says how. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from '../simulation/run-seed.ts';

export interface Hunt {
  readonly seeds: number;
  readonly hours: number;
}

export interface Catch {
  /** Null when no seed noticed it. */
  readonly seed: number | null;
  readonly complaint: string;
}

async function hunt({ seeds, hours }: Hunt): Promise<Catch> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { complaints } = await runSeed(seed, { hours });
    const [complaint] = complaints;
    if (complaint !== undefined) return { seed, complaint };
  }
  return { seed: null, complaint: '' };
}

hunt(workerData as Hunt)
  .then((caught) => parentPort?.postMessage(caught))
  .catch((error: unknown) => {
    throw error;
  });
