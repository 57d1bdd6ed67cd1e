import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';

/** The mutated text, or a sentence about why there is none. */
export function mutate(source: string, { name, file, from, to }: Mutant): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`"${name}": its text stands in src/${file} ${parts.length - 1} times, not once`);
  return parts.join(to);
}

/** Bundles the simulator's worker with the fault in it; the files on disk stay as they are. */
export async function buildMutant(mutant: Mutant, entry: string, outfile: string): Promise<void> {
  const target = join(process.cwd(), 'src', mutant.file);
  const fault: Plugin = {
    name: 'fault',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === target ? { contents: mutate(readFileSync(path, 'utf8'), mutant), loader: 'ts' } : null,
      );
    },
  };
  const shared = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'warning' } as const;
  await build({ ...shared, entryPoints: [entry], outfile, plugins: [fault] });
}
