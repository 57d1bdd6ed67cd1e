import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { tempDir } from './temp-dir.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A script for a child process, bundled the way the release is: one CommonJS file beside `node_modules`. Imports in
 * `source` are relative to the project's root.
 */
export const bundledScript = (source: string): string => {
  const directory = tempDir();
  symlinkSync(join(projectRoot, 'node_modules'), join(directory, 'node_modules'));
  const outfile = join(directory, 'script.cjs');
  buildSync({
    stdin: { contents: source, resolveDir: projectRoot, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@napi-rs/keyring'],
    logLevel: 'error',
    outfile,
  });
  return outfile;
};
