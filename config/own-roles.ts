/** Roles that `config.yaml` names. Region and endpoint of the STS come with what they build on. */
import type { Diagnostic, RoleProfileSettings, WebIdentityProfileSettings } from '../src/core/settings.ts';
import type { ConfigFile } from './config-yaml.ts';
import { milliseconds } from './refresh-numbers.ts';
import type { ProfileYaml } from './schema.ts';

export const ownRole = (
  name: string,
  yaml: ProfileYaml & { readonly sourceProfile: string },
  file: ConfigFile,
): RoleProfileSettings | Diagnostic => {
  const { sourceProfile: source, externalId = null, mfaSerial = null, sourceIdentity = null, tags = {} } = yaml;
  const parts = rolePartsOf(name, yaml, file);
  if ('severity' in parts) return parts;
  return { kind: 'role', source, externalId, mfaSerial, sourceIdentity, tags, ...parts };
};

export const ownWebIdentity = (
  name: string,
  yaml: ProfileYaml & { readonly webIdentityTokenFile: string },
  file: ConfigFile,
): WebIdentityProfileSettings | Diagnostic => {
  const parts = rolePartsOf(name, yaml, file);
  return 'severity' in parts ? parts : { kind: 'web-identity', tokenFile: yaml.webIdentityTokenFile, ...parts };
};

type RoleParts = Omit<WebIdentityProfileSettings, 'kind' | 'tokenFile'>;

const minute = 60_000;

const rolePartsOf = (name: string, yaml: ProfileYaml, file: ConfigFile): RoleParts | Diagnostic => {
  const { roleArn, sessionName = null, duration, region = null, description = null } = yaml;
  const path = ['profiles', name];
  if (roleArn === undefined) return file.complaint(path, 'The key "roleArn" is missing; it takes the ARN of a role');
  const durationMs = duration === undefined ? null : milliseconds(duration);
  if (durationMs !== null && (durationMs < 15 * minute || durationMs > 720 * minute)) {
    return file.complaint([...path, 'duration'], 'It takes 15m to 12h');
  }
  const origin = file.originOf(path);
  return { name, roleArn, sessionName, durationMs, stsEndpoint: null, region, description, origin };
};
