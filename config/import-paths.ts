/** Where the other Britive tools keep what can be imported. */
import type { Env } from './environment.ts';
import { homeOf, pathsOf, variable } from './environment.ts';

export interface BritiveFiles {
  /** In the order in which they are looked for; the first that is there counts. */
  readonly bctlConfig: readonly string[];
  readonly bctlCache: readonly string[];
  readonly pybritive: readonly string[];
}

/** bctl's documented places, those where Go really puts them, and the ones of its first versions. */
export const britiveFiles = (env: Env, platform: NodeJS.Platform): BritiveFiles => {
  const { join } = pathsOf(platform);
  const home = homeOf(env, platform);
  const config = variable(env, 'XDG_CONFIG_HOME') ?? join(home, '.config');
  const cache = variable(env, 'XDG_CACHE_HOME') ?? join(home, '.cache');
  const own: readonly [string, string] | null =
    platform === 'darwin'
      ? [join(home, 'Library', 'Application Support'), join(home, 'Library', 'Caches')]
      : platform === 'win32'
        ? [
            variable(env, 'APPDATA') ?? join(home, 'AppData', 'Roaming'),
            variable(env, 'LOCALAPPDATA') ?? join(home, 'AppData', 'Local'),
          ]
        : null;
  return {
    bctlConfig: [
      ...(own ? [join(own[0], 'bctl', 'config.yaml')] : []),
      join(config, 'bctl', 'config.yaml'),
      join(home, '.bctl', 'config.yaml'),
    ],
    bctlCache: [
      ...(own ? [join(own[1], 'bctl', 'profiles.json')] : []),
      join(cache, 'bctl', 'profiles.json'),
      join(home, '.bctl', 'profiles.json'),
    ],
    pybritive: [join(variable(env, 'PYBRITIVE_HOME_DIR') ?? home, '.britive', 'pybritive.config')],
  };
};
