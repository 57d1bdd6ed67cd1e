/** Each mutant in a worker of its own, as many at once as there are cores to spare. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildMutant } from './build.ts';
import type { Mutant } from './mutants.ts';
import type { Catch, Hunt } from './worker.ts';

export interface Verdict extends Catch {
  readonly mutant: Mutant;
  /** `broken`: it did not run at all, which proves nothing. */
  readonly fate: 'killed' | 'survived' | 'broken';
}

interface GateOptions extends Hunt {
  readonly mutants: readonly Mutant[];
  /** Where the bundles go. */
  readonly directory: string;
  readonly judged: (verdict: Verdict) => void;
}

export async function runGate({ mutants, directory, judged, ...hunt }: GateOptions): Promise<readonly Verdict[]> {
  const waiting = [...mutants.entries()];
  const verdicts: Verdict[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, mutant] = next;
      const bundle = join(directory, `${index}.cjs`);
      await buildMutant(mutant, 'test/mutants/worker.ts', bundle);
      const caught = await inWorker(bundle, { ...hunt, hours: mutant.hours ?? hunt.hours });
      const verdict = { mutant, fate: fateOf(caught), ...caught };
      verdicts.push(verdict);
      judged(verdict);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return verdicts;
}

/** A program that does not run at all is noticed by everybody; only what the simulator complains about counts. */
function fateOf({ seed, complaint }: Catch): Verdict['fate'] {
  if (seed === null) return 'survived';
  return /^thrown: \w*(Reference|Syntax|Type|Range)Error/.test(complaint) ? 'broken' : 'killed';
}

const inWorker = (bundle: string, hunt: Hunt): Promise<Catch> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(bundle, { workerData: hunt });
    worker.once('message', resolve).once('error', reject);
  });
