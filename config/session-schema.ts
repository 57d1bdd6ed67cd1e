/** What `config.yaml` may say of a session, by its provider. */
import { duration, region, text, tokenCache } from './schema-parts.ts';

const url = { type: 'string', pattern: '^https?://' } as const;

const scopes = {
  description: 'a list of scopes, such as [sso:account:access]',
  type: 'array',
  minItems: 1,
  items: text,
} as const;

const awsSso = { const: 'aws-sso' } as const;

const britive = { const: 'britive' } as const;

const oidc = { const: 'oidc' } as const;

const notBritive = { tenant: false, baseUrl: false, idp: false, federation: false, idleCheckin: false } as const;

const notAws = { ssoSession: false, startUrl: false, region: false, tokenCache: false } as const;

const notOidc = { issuer: false, clientId: false, clientSecret: false, audience: false, flow: false } as const;

export const session = {
  description:
    'provider: aws-sso with ssoSession, or with startUrl and region; britive with tenant or baseUrl; oidc with issuer and clientId',
  type: 'object',
  additionalProperties: false,
  required: ['provider'],
  oneOf: [
    {
      required: ['ssoSession'],
      properties: { provider: awsSso, startUrl: false, region: false, ...notBritive, ...notOidc },
    },
    {
      required: ['startUrl', 'region'],
      properties: { provider: awsSso, ssoSession: false, ...notBritive, ...notOidc },
    },
    {
      required: ['tenant'],
      properties: { provider: britive, baseUrl: false, scopes: false, ...notAws, ...notOidc },
    },
    {
      required: ['baseUrl'],
      properties: { provider: britive, tenant: false, scopes: false, ...notAws, ...notOidc },
    },
    { required: ['issuer', 'clientId'], properties: { provider: oidc, ...notAws, ...notBritive } },
  ],
  properties: {
    provider: { description: '"aws-sso", "britive" or "oidc"', enum: ['aws-sso', 'britive', 'oidc'] },
    ssoSession: { ...text, description: 'the name of an [sso-session …] section of ~/.aws/config' },
    startUrl: { description: "an https URL, the access portal's", ...url },
    region,
    scopes,
    tokenCache,
    tenant: { ...text, description: 'the name of a Britive tenant, such as acme' },
    baseUrl: { description: 'an https URL, where a tenant is elsewhere', ...url },
    idp: { ...text, description: 'the identity provider that a Britive sign-in begins with' },
    federation: {
      description:
        '"aws", "github", "gitlab", "bitbucket", "spacelift", "oidc" or "file-PATH": a workload\'s own token',
      type: 'string',
      pattern: '^(aws|bitbucket|spacelift|(github|gitlab|oidc)(-.+)?|file-.+)$',
    },
    idleCheckin: duration,
    issuer: { description: 'an https URL, the identifier of an OAuth or OpenID Connect issuer', ...url },
    clientId: { ...text, description: 'what the issuer calls this client' },
    clientSecret: { ...text, description: 'a text, where the issuer gave the client one' },
    audience: { ...text, description: 'the API that the access tokens are for' },
    flow: {
      description: '"pkce" (a browser), "device" (a code) or "token" (one that you bring)',
      enum: ['pkce', 'device', 'token'],
    },
  },
} as const;
