/** How other programs run this one: in years to come, from any directory, with or without a PATH. */
import { realpath } from 'node:fs/promises';
import { pathsOf, variable } from '../../config/environment.ts';
import type { Context } from './context.ts';

/**
 * The launcher on the PATH where it leads to what runs now: it stays when Node or this program is replaced. Otherwise
 * Node and the entry file.
 */
export async function ownCommand({ env, platform, self }: Context): Promise<readonly [string, ...string[]]> {
  const { delimiter, isAbsolute, join } = pathsOf(platform);
  const entry = await real(self.at(-1) ?? '');
  for (const directory of (variable(env, 'PATH') ?? '').split(delimiter).filter((path) => isAbsolute(path))) {
    const launcher = join(directory, 'credbroker');
    if (entry !== null && (await real(launcher)) === entry) return [launcher];
  }
  return self;
}

const real = (path: string): Promise<string | null> => realpath(path).catch(() => null);
