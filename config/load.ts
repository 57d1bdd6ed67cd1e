/** All settings together: the environment over `config.yaml`, `config.yaml` over the AWS files, the defaults below. */
import type { Diagnostic, Settings } from '../src/core/settings.ts';
import { awsLocations, readAwsConfig, selectionWarnings } from './aws-files.ts';
import type { ConfigFile } from './config-yaml.ts';
import { parseConfigYaml } from './config-yaml.ts';
import { defaults } from './defaults.ts';
import { ConfigError, fileError, refuseIfAny } from './diagnostics.ts';
import type { Env } from './environment.ts';
import { variable } from './environment.ts';
import { overlay } from './overlay.ts';
import { configFile } from './paths.ts';
import type { ReadFile } from './read-file.ts';
import { readText } from './read-file.ts';
import { budgetWarnings, refreshContradictions, refreshNumbers } from './refresh-numbers.ts';

export interface LoadOptions {
  readonly env: Env;
  readonly platform: NodeJS.Platform;
  /** The file system's own where it is left out. */
  readonly readFile?: ReadFile;
}

/**
 * Reads everything anew. Rejects with a `ConfigError` (`ConfigInvalid`) when `config.yaml` or the environment cannot
 * be used. Faults in the AWS files are in `diagnostics`: what can be read of them is served.
 */
export const loadSettings = async (options: LoadOptions): Promise<Settings> => (await readSettings(options)).settings;

/** `unread` has the parts of the AWS files that could not be read at all; the watcher decides by them. */
export const readSettings = async ({ env, platform, readFile }: LoadOptions): Promise<ReadSettings> => {
  const path = configFile(env, platform);
  const file = await readConfigYaml(path, readFile);
  const { config } = file;
  const refresh = refreshNumbers(config.refresh ?? {});
  refuseIfAny(refreshContradictions(refresh, file));
  const locations = awsLocations(env, platform);
  const found = await readAwsConfig(locations, readFile);
  const merged = overlay({ env, config: found, tokenCache: config.tokenCache ?? defaults.tokenCache }, file);
  const settings = {
    listen: { ...defaults.listen, ...config.listen, ...portFrom(env) },
    login: config.login ?? defaults.login,
    refresh,
    sessions: merged.sessions,
    profiles: merged.profiles,
    diagnostics: [
      ...found.diagnostics,
      ...merged.diagnostics,
      ...budgetWarnings(refresh, merged.profiles.values(), file),
      ...selectionWarnings(env),
    ],
    files: [path, locations.config, locations.credentials],
  };
  return { settings, unread: found.diagnostics.filter(({ severity }) => severity === 'error') };
};

export interface ReadSettings {
  readonly settings: Settings;
  readonly unread: readonly Diagnostic[];
}

const readConfigYaml = async (path: string, readFile: ReadFile | undefined): Promise<ConfigFile> => {
  const found = await readText(path, readFile);
  if (found.type === 'unreadable') {
    throw new ConfigError([fileError(path, `The file ${found.detail}`)]);
  }
  return parseConfigYaml(found.type === 'text' ? found.text : '', path);
};

const portFrom = (env: Env): { readonly port?: number } => {
  const text = variable(env, 'CREDBROKER_PORT');
  if (text === null) return {};
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return { port };
  const message = `It is "${text}"; it takes a port number from 0 to 65535`;
  throw new ConfigError([{ severity: 'error', file: 'environment', line: 0, key: 'CREDBROKER_PORT', message }]);
};
