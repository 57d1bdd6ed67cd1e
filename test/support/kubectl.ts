/** The Kubernetes client of the machine, which nobody here wrote. */
import { execFileSync } from 'node:child_process';
import { type Ended, ranTo } from './program.ts';

const program = 'kubectl';

/** Null where it is not installed. */
export const kubectlVersion: string | null = version();

/** For the title of a test that is skipped without it. */
export const kubectlNote = kubectlVersion === null ? ' (skipped: kubectl not found)' : '';

/** Runs to the end, whatever end. */
export const kubectl = (env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ended> =>
  ranTo([program, ...words], env);

function version(): string | null {
  try {
    const words = ['version', '--client', '--output', 'json'];
    const text = execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(text).clientVersion.gitVersion;
  } catch {
    return null;
  }
}
