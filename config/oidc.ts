/** Sessions of an OAuth 2.0 or OpenID Connect issuer as `config.yaml` has them. */
import type { Diagnostic, OidcSessionSettings } from '../src/core/settings.ts';
import { isSafeUrl } from './aws-endpoints.ts';
import type { ConfigFile } from './config-yaml.ts';
import { defaults } from './defaults.ts';
import type { SessionYaml } from './schema.ts';

type OidcYaml = Extract<SessionYaml, { provider: 'oidc' }>;

export const isOidc = (yaml: SessionYaml): yaml is OidcYaml => yaml.provider === 'oidc';

export const oidcSession = (name: string, yaml: OidcYaml, file: ConfigFile): OidcSessionSettings | Diagnostic => {
  const { issuer, clientId, clientSecret = null, audience = null } = yaml;
  const { scopes = defaults.oidc.scopes, flow = defaults.oidc.flow } = yaml;
  const path = ['sessions', name];
  if (!isSafeUrl(issuer)) {
    return file.complaint([...path, 'issuer'], `It takes https, or http on loopback, not "${issuer}"`);
  }
  // RFC 8414 section 2. Its name is all that it is compared with.
  if (/[?#]/.test(issuer)) return file.complaint([...path, 'issuer'], 'It takes a URL without a query and a fragment');
  const client = { clientId, clientSecret, scopes, audience, flow };
  return { provider: 'oidc', name, issuer, ...client, origin: file.originOf(path) };
};
