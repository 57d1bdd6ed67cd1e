import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';

/** The text of `file` with the fault in it. Throws where the place of an edit cannot be told. */
function mutate(source: string, file: string, { name, edits }: Mutant): string {
  return edits
    .filter((edit) => edit.file === file)
    .reduce((text, { from, to }) => {
      const parts = text.split(from);
      if (parts.length !== 2)
        throw new Error(`"${name}": its text stands in src/${file} ${parts.length - 1} times, not once`);
      return parts.join(to);
    }, source);
}

/** Bundles the simulator's worker with the fault in it; the files on disk stay as they are. */
export async function buildMutant(mutant: Mutant, entry: string, outfile: string): Promise<void> {
  const root = join(process.cwd(), 'src');
  const files = new Set(mutant.edits.map(({ file }) => join(root, file)));
  const fault: Plugin = {
    name: 'fault',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!files.has(path)) return null;
        return { contents: mutate(readFileSync(path, 'utf8'), relative(root, path), mutant), loader: 'ts' };
      });
    },
  };
  const shared = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'warning' } as const;
  await build({ ...shared, entryPoints: [entry], outfile, plugins: [fault] });
}
