/**
 * What a fresh hit costs inside the engine: `broker.peek` on the clock the daemon runs on, beside the least that such an
 * answer can take, a look into a `Map` and one at each of the two clocks. Nanoseconds on one core, nothing else in the
 * process; HTTP and the network are in `warm.ts`.
 */
import { EffectiveClock } from '../src/adapters/effective-clock.ts';
import { warmBroker } from '../test/support/test-broker.ts';

/** Large enough that reading the timer does not count, small enough that a pause shows in a percentile. */
const batchSize = 100;
const batches = 50_000;
const calls = 1_000_000;

/** A measured action. What it returns is added up, or the compiler could leave it out. */
type Action = () => number;

interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly 'p99.9': number;
}

async function main(): Promise<void> {
  const hit = await freshHit();
  const bare = bareHit();
  // Warmed in turn, so that neither is compiled for itself alone.
  for (const action of [hit, bare, hit, bare]) inBatches(action);
  const timer = singly(() => 0, 0);
  const peek = { inBatches: inBatches(hit), singly: singly(hit, timer.p50) };
  const least = { inBatches: inBatches(bare), singly: singly(bare, timer.p50) };
  const ratio = Number((peek.inBatches.mean / least.inBatches.mean).toFixed(2));
  process.stdout.write(
    `${JSON.stringify({ unit: 'ns', peek, bare: least, subtractedTimer: timer.p50, ratio }, null, 2)}\n`,
  );
}

/** The broker of the tests with an hour's credentials in hand. Its clock stood until they came and goes from then on. */
async function freshHit(): Promise<Action> {
  const { broker, clock } = await warmBroker();
  const aheadMs = clock.now() - Date.now();
  const system = new EffectiveClock({ wall: () => Date.now() + aheadMs, mono: () => performance.now() });
  clock.now = () => system.now();
  clock.mono = () => system.mono();
  return () => {
    const served = broker.peek('dev');
    if (served === null) throw new Error('The hit was not fresh');
    return served.generation;
  };
}

function bareHit(): Action {
  const held = new Map([['dev', { generation: 1, spentAt: Number.POSITIVE_INFINITY }]]);
  return () => {
    const found = held.get('dev');
    return found && Date.now() + performance.now() < found.spentAt ? found.generation : 0;
  };
}

/** The mean of each batch is one sample: without the timer, but a single slow call is spread over its batch. */
function inBatches(action: Action): Spread {
  const samples = new Float64Array(batches);
  let sum = 0;
  for (let batch = 0; batch < batches; batch++) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < batchSize; call++) sum += action();
    samples[batch] = Number(process.hrtime.bigint() - start) / batchSize;
  }
  return spreadOf(samples, sum);
}

/** Each call is one sample, less what the timer takes for itself; the largest are the machine's pauses as well as ours. */
function singly(action: Action, timer: number): Spread {
  const samples = new Float64Array(calls);
  let sum = 0;
  for (let call = 0; call < calls; call++) {
    const start = process.hrtime.bigint();
    sum += action();
    samples[call] = Number(process.hrtime.bigint() - start) - timer;
  }
  return spreadOf(samples, sum);
}

function spreadOf(samples: Float64Array, sum: number): Spread {
  if (!Number.isFinite(sum)) throw new Error('An action returned no number');
  const sorted = samples.toSorted();
  const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const mean = samples.reduce((total, sample) => total + sample, 0) / samples.length;
  return { mean: Math.round(mean), p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999) };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
