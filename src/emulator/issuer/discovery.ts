/** What the issuer publishes about itself: OpenID Connect Discovery, RFC 8414, and its keys. */
import { type Handler, json } from '../call.ts';
import { messagePage } from '../pages.ts';
import { grants } from './knobs.ts';
import type { IssuerParts } from './parts.ts';

export const openidConfiguration =
  (parts: IssuerParts): Handler =>
  () =>
    parts.knobs.discovery === 'both' ? json(200, metadata(parts)) : notPublished;

export const oauthMetadata =
  (parts: IssuerParts): Handler =>
  () =>
    parts.knobs.discovery === 'none' ? notPublished : json(200, metadata(parts));

export const publishKeys =
  ({ keys }: IssuerParts): Handler =>
  () =>
    json(200, keys.jwks());

const notPublished = messagePage(404, 'Not found', 'There is nothing at this address.');

/** JSON leaves out what is undefined. */
const metadata = ({ url, knobs }: IssuerParts): Readonly<Record<string, unknown>> => ({
  issuer: url(),
  authorization_endpoint: `${url()}/authorize`,
  token_endpoint: `${url()}/token`,
  device_authorization_endpoint: `${url()}/device_authorization`,
  revocation_endpoint: `${url()}/revoke`,
  introspection_endpoint: `${url()}/introspect`,
  userinfo_endpoint: `${url()}/userinfo`,
  jwks_uri: `${url()}/jwks`,
  response_types_supported: ['code'],
  grant_types_supported: Object.values(grants),
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256', 'ES256'],
  token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: knobs.callbackIssuer !== 'none',
  ...knobs.metadata,
});
