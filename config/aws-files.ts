/** Where the AWS tools' files are, which profile is meant, and what stands in the two files together. */
import type { Diagnostic } from '../src/core/settings.ts';
import type { AwsConfig, AwsFileKind, AwsFileText } from './aws-sections.ts';
import { parseAwsConfig } from './aws-sections.ts';
import { fileError } from './diagnostics.ts';
import type { Env } from './environment.ts';
import { homeOf, pathsOf, variable } from './environment.ts';
import type { ReadFile } from './read-file.ts';
import { readText } from './read-file.ts';

export interface AwsLocations {
  readonly config: string;
  readonly credentials: string;
}

export const awsLocations = (env: Env, platform: NodeJS.Platform): AwsLocations => {
  const { join } = pathsOf(platform);
  const home = homeOf(env, platform);
  const place = (name: string, usual: string): string => {
    const chosen = variable(env, name);
    return chosen === null ? join(home, '.aws', usual) : expand(chosen, env, home);
  };
  return {
    config: place('AWS_CONFIG_FILE', 'config'),
    credentials: place('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  };
};

/** The profile that AWS tools take when none is named. */
export const selectedProfile = (env: Env): string =>
  variable(env, 'AWS_PROFILE') ?? variable(env, 'AWS_DEFAULT_PROFILE') ?? 'default';

/** The CLI version 2 prefers `AWS_PROFILE`; version 1 and botocore prefer `AWS_DEFAULT_PROFILE`. */
export const selectionWarnings = (env: Env): readonly Diagnostic[] => {
  const profile = variable(env, 'AWS_PROFILE');
  const other = variable(env, 'AWS_DEFAULT_PROFILE');
  if (profile === null || other === null || profile === other) return [];
  const message = `It is "${other}" but AWS_PROFILE is "${profile}", and AWS tools disagree on which one counts; unset one`;
  return [{ severity: 'warning', file: 'environment', line: 0, key: 'AWS_DEFAULT_PROFILE', message }];
};

/** Reads both files anew. A file that is not there is no fault; one that cannot be read is an error in `diagnostics`. */
export const readAwsConfig = async (locations: AwsLocations, read?: ReadFile): Promise<AwsConfig> => {
  const texts: AwsFileText[] = [];
  const diagnostics: Diagnostic[] = [];
  // The order matters: what comes later wins.
  for (const kind of ['config', 'credentials'] satisfies readonly AwsFileKind[]) {
    const file = locations[kind];
    const found = await readText(file, read);
    if (found.type === 'text') texts.push({ kind, file, text: found.text });
    if (found.type === 'unreadable') diagnostics.push(fileError(file, `The file ${found.detail}`));
  }
  const parsed = parseAwsConfig(texts);
  return { ...parsed, diagnostics: [...diagnostics, ...parsed.diagnostics] };
};

/** As botocore does: `~`, `$NAME` and `${NAME}`, and `%NAME%` for Windows. An unknown variable stays as it is. */
const expand = (path: string, env: Env, home: string): string =>
  path
    .replace(/^~(?=$|[/\\])/, () => home)
    .replace(/\$\{(\w+)\}|\$(\w+)|%(\w+)%/g, (whole, braced?: string, plain?: string, percent?: string) => {
      const name = braced ?? plain ?? percent ?? '';
      return env[name] ?? whole;
    });
