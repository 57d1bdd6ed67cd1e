/** Sessions and profiles of Britive as `config.yaml` has them. */
import { splitPath } from '../src/core/britive-path.ts';
import { parseBaseUrl, parseTenant } from '../src/core/britive-tenant.ts';
import type { BritiveProfileSettings, BritiveSessionSettings, Diagnostic } from '../src/core/settings.ts';
import type { ConfigFile } from './config-yaml.ts';
import { milliseconds } from './refresh-numbers.ts';
import type { ProfileYaml, SessionYaml } from './schema.ts';

export type BritiveYaml = Extract<SessionYaml, { provider: 'britive' }>;

export const isBritive = (yaml: SessionYaml): yaml is BritiveYaml => yaml.provider === 'britive';

export const britiveSession = (
  name: string,
  yaml: BritiveYaml,
  file: ConfigFile,
): BritiveSessionSettings | Diagnostic => {
  const { tenant, baseUrl, idp = null, federation = null, idleCheckin } = yaml;
  const address = tenant === undefined ? addressOf(baseUrl ?? '') : parseTenant(tenant);
  if (address.type === 'refused') {
    const key = tenant === undefined ? 'baseUrl' : 'tenant';
    return file.complaint(['sessions', name, key], `It takes the address of a Britive tenant: ${address.problem}`);
  }
  return {
    provider: 'britive',
    name,
    tenant: address.tenant,
    baseUrl: address.baseUrl,
    idp,
    federation,
    idleCheckinMs: idleCheckin === undefined ? null : milliseconds(idleCheckin),
    origin: file.originOf(['sessions', name]),
  };
};

/** Any host may be one: the tenant bears its name. */
const addressOf = (text: string): ReturnType<typeof parseTenant> => {
  const parsed = parseBaseUrl(text);
  return parsed.type === 'ok' ? { ...parsed, tenant: new URL(parsed.baseUrl).host } : parsed;
};

export const britiveProfile = (
  name: string,
  yaml: ProfileYaml & { readonly session: string },
  file: ConfigFile,
): BritiveProfileSettings | Diagnostic => {
  const { session, profile, region = null, description = null } = yaml;
  const at = ['profiles', name];
  if (profile === undefined) {
    return file.complaint(at, 'The key "profile" is missing; it takes a path such as "App/Env/Profile"');
  }
  const foreign = (['accountId', 'roleName'] as const).find((key) => yaml[key] !== undefined);
  if (foreign !== undefined) {
    return file.complaint([...at, foreign], `The session "${session}" is one of Britive: it takes "profile" alone`);
  }
  const parts = splitPath(profile);
  if (parts === null) {
    return file.complaint([...at, 'profile'], `It takes a path such as "App/Env/Profile", not "${profile}"`);
  }
  const [application, environment, access] = parts;
  const origin = file.originOf(at);
  return {
    ...{ kind: 'britive', name, session, application, environment, access, region, description, origin },
    // Catalogues are not for the configuration to know.
    ...{ offer: null, implied: false },
  };
};
