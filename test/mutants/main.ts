/** `npm run mutants [-- --seeds N --hours H]`: exits with 1 when the simulator misses one of the deliberate faults. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runGate, type Verdict } from './gate.ts';
import { mutants } from './mutants.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1500' },
    hours: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const line = ({ mutant, fate, seed, complaint }: Verdict): string =>
  `${fate.padEnd(8)} ${seed === null ? '' : `seed ${seed}: ${complaint.split('\n')[0]}`}\n         ${mutant.name}`;

async function main(): Promise<void> {
  const directory = mkdtempSync(join(process.cwd(), 'dist', 'mutants-'));
  try {
    const verdicts = await runGate({
      mutants: mutants.filter(({ name }) => name.includes(values.only)),
      directory,
      seeds: Number(values.seeds),
      hours: Number(values.hours),
      judged: (verdict) => print(line(verdict)),
    });
    const alive = verdicts.filter(({ fate }) => fate !== 'killed');
    print(`${verdicts.length - alive.length} of ${verdicts.length} mutants killed`);
    process.exitCode = alive.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
