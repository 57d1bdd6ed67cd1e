/** The environment and the platform's directories, always passed in and never read from `process`. */
import { userInfo } from 'node:os';
import type { PlatformPath } from 'node:path';
import { posix, win32 } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** The path rules of the platform the settings are for, which in tests is not the one they run on. */
export const pathsOf = (platform: NodeJS.Platform): PlatformPath => (platform === 'win32' ? win32 : posix);

/** A variable that is set to nothing counts as not set, as it does for the AWS tools. */
export const variable = (env: Env, name: string): string | null => env[name] || null;

/** `HOME` first on every platform, then Windows' own; the system's answer where a service manager sets none of them. */
export const homeOf = (env: Env, platform: NodeJS.Platform): string => {
  const home = variable(env, 'HOME');
  if (home !== null) return home;
  if (platform === 'win32') {
    const profile = variable(env, 'USERPROFILE');
    if (profile !== null) return profile;
    const path = variable(env, 'HOMEPATH');
    if (path !== null) return (variable(env, 'HOMEDRIVE') ?? '') + path;
  }
  // Not `homedir()`, which is empty where `HOME` is.
  return userInfo().homedir;
};
