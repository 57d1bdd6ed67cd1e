/** Where our own files are. The AWS tools' files are in `aws-files.ts`. */
import { hash } from 'node:crypto';
import type { Env } from './environment.ts';
import { homeOf, pathsOf, variable } from './environment.ts';

export interface StatePaths {
  /** Private to the user; everything below lives in it, but for the pipe on Windows. */
  readonly directory: string;
  /** The control plane: a Unix socket, on Windows the name of a pipe. */
  readonly socket: string;
  readonly log: string;
  /** The files that hold the tokens of the shells' own grants. */
  readonly tokens: string;
}

/** `config.yaml`, which need not exist. */
export const configFile = (env: Env, platform: NodeJS.Platform): string => {
  const chosen = variable(env, 'CREDBROKER_CONFIG');
  if (chosen !== null) return chosen;
  const { join } = pathsOf(platform);
  return join(configDirectory(env, platform), 'credbroker', 'config.yaml');
};

export const statePaths = (env: Env, platform: NodeJS.Platform): StatePaths => {
  const { join } = pathsOf(platform);
  const directory = variable(env, 'CREDBROKER_HOME') ?? join(stateDirectory(env, platform), 'credbroker');
  return {
    directory,
    socket: platform === 'win32' ? pipeName(directory) : join(directory, 'run', 'control.sock'),
    log: join(directory, 'broker.log'),
    tokens: join(directory, 'tokens'),
  };
};

const configDirectory = (env: Env, platform: NodeJS.Platform): string => {
  const { join } = pathsOf(platform);
  const home = homeOf(env, platform);
  if (platform === 'win32') return variable(env, 'APPDATA') ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return xdg(env, 'XDG_CONFIG_HOME') ?? join(home, '.config');
};

const stateDirectory = (env: Env, platform: NodeJS.Platform): string => {
  const { join } = pathsOf(platform);
  const home = homeOf(env, platform);
  if (platform === 'win32') return variable(env, 'LOCALAPPDATA') ?? join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return xdg(env, 'XDG_STATE_HOME') ?? join(home, '.local', 'state');
};

/** The XDG base directory specification has relative paths ignored. */
const xdg = (env: Env, name: string): string | null => {
  const path = variable(env, name);
  return path?.startsWith('/') ? path : null;
};

// Pipes have no directory: the name is drawn from ours, so that two users or two installations never share one.
const pipeName = (directory: string): string =>
  `\\\\.\\pipe\\credbroker-${hash('sha256', directory.toLowerCase()).slice(0, 16)}`;
