/** `npm run mutants [-- --seeds N --hours H --only TEXT]`: exits with 1 when the simulator misses one of the deliberate faults. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hourRange, runScript, ScriptOptions, seedRange, UsageError } from '../support/script.ts';
import { runGate, type Verdict } from './gate.ts';
import { type Mutant, mutants } from './mutants.ts';

const defaults = { seeds: '1500', hours: '8', only: '' };

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const line = ({ mutant, fate, seed, complaint }: Verdict): string =>
  `${fate.padEnd(8)} ${seed === null ? '' : `seed ${seed}: ${complaint.split('\n')[0]}`}\n         ${mutant.name}`;

/** Those whose name holds this text. */
function called(text: string): readonly Mutant[] {
  const found = mutants.filter(({ name }) => name.includes(text));
  if (found.length > 0) return found;
  throw new UsageError([`No mutant is called "${text}"; there are`, ...mutants.map(({ name }) => name)].join('\n  '));
}

async function main(): Promise<void> {
  const options = new ScriptOptions(defaults, process.argv.slice(2));
  const [seeds, hours] = [options.number('seeds', seedRange), options.number('hours', hourRange)];
  const chosen = called(options.text('only'));
  const directory = mkdtempSync(join(process.cwd(), 'dist', 'mutants-'));
  try {
    const verdicts = await runGate({
      mutants: chosen,
      directory,
      seeds,
      hours,
      judged: (verdict) => print(line(verdict)),
    });
    const alive = verdicts.filter(({ fate }) => fate !== 'killed');
    print(`${verdicts.length - alive.length} of ${verdicts.length} mutants killed`);
    process.exitCode = alive.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

runScript(main);
