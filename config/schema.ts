/**
 * What `config.yaml` may say: Ajv checks with it and the types come from it. `schema.json` is the same for editors; a
 * test holds the two equal. Each `description` completes the sentence "It takes …" in a complaint.
 */
import type { FromSchema } from 'json-schema-to-ts';

const duration = {
  description: 'milliseconds as a number, or a duration such as "30s", "5m" or "1h"',
  type: ['integer', 'string'],
  minimum: 0,
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$',
} as const;

const text = { description: 'a text that is not empty', type: 'string', minLength: 1 } as const;

const scopes = {
  description: 'a list of scopes, such as [sso:account:access]',
  type: 'array',
  minItems: 1,
  items: text,
} as const;

const tokenCache = {
  description: '"shared" (with the AWS tools, in ~/.aws/sso/cache) or "private"',
  enum: ['shared', 'private'],
} as const;

const region = {
  description: 'a region such as us-east-1',
  type: 'string',
  pattern: '^[a-z]+(-[a-z0-9]+)+$',
} as const;

const count = { description: 'a whole number from 1 on', type: 'integer', minimum: 1 } as const;

const rate = { description: 'a number above 0', type: 'number', exclusiveMinimum: 0 } as const;

const share = {
  description: 'a number from 0 on and below 1',
  type: 'number',
  minimum: 0,
  exclusiveMaximum: 1,
} as const;

const durations = <const Name extends string>(...names: readonly Name[]) =>
  ({
    description: `durations: ${names.join(', ')}`,
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, duration])) as Record<Name, typeof duration>,
  }) as const;

const refresh = {
  description: 'the numbers of the renewal, listed in the README',
  type: 'object',
  additionalProperties: false,
  properties: {
    lead: {
      description: 'a list of { upTo, min, max }, the last one without upTo',
      type: 'array',
      minItems: 1,
      items: { ...durations('upTo', 'min', 'max'), required: ['min', 'max'] },
    },
    soft: duration,
    floor: duration,
    exclusiveFloor: duration,
    retry: durations('first', 'cap'),
    emptyRetry: durations('first', 'then', 'cap'),
    circuit: {
      description: 'an object of failures, first and cap',
      type: 'object',
      additionalProperties: false,
      properties: { failures: count, first: duration, cap: duration },
    },
    budget: {
      description: 'an object of perSecond, burst and reserved',
      type: 'object',
      additionalProperties: false,
      properties: { perSecond: rate, burst: count, reserved: share },
    },
    retryAfterCap: duration,
    denied: durations('first', 'cap'),
    acquireTimeout: duration,
    refreshTimeout: duration,
    loginTimeout: duration,
    minRenewalGap: duration,
    maxWaiters: count,
    hold: durations('default', 'botocore', 'rustRuby', 'go', 'helper', 'credentialProcess'),
    login: {
      description:
        'an object of cooldowns, maxUnansweredPerDay, afterSuccess, offerBefore, remindBefore and remindEvery',
      type: 'object',
      additionalProperties: false,
      properties: {
        cooldowns: { description: 'a list of durations', type: 'array', minItems: 1, items: duration },
        maxUnansweredPerDay: count,
        afterSuccess: duration,
        offerBefore: duration,
        remindBefore: { description: 'a list of durations, empty for no reminder', type: 'array', items: duration },
        remindEvery: duration,
      },
    },
    keepAlive: duration,
    wakeSpread: duration,
  },
} as const;

const awsSso = { const: 'aws-sso' } as const;

const britive = { const: 'britive' } as const;

const notBritive = { tenant: false, baseUrl: false, idp: false, federation: false, idleCheckin: false } as const;

const notAws = { ssoSession: false, startUrl: false, region: false, scopes: false, tokenCache: false } as const;

const session = {
  description:
    'provider: aws-sso with ssoSession, or with startUrl and region; or provider: britive with tenant or baseUrl',
  type: 'object',
  additionalProperties: false,
  required: ['provider'],
  oneOf: [
    { required: ['ssoSession'], properties: { provider: awsSso, startUrl: false, region: false, ...notBritive } },
    { required: ['startUrl', 'region'], properties: { provider: awsSso, ssoSession: false, ...notBritive } },
    { required: ['tenant'], properties: { provider: britive, baseUrl: false, ...notAws } },
    { required: ['baseUrl'], properties: { provider: britive, tenant: false, ...notAws } },
  ],
  properties: {
    provider: { description: '"aws-sso" or "britive"', enum: ['aws-sso', 'britive'] },
    ssoSession: { ...text, description: 'the name of an [sso-session …] section of ~/.aws/config' },
    startUrl: { description: "an https URL, the access portal's", type: 'string', pattern: '^https?://' },
    region,
    scopes,
    tokenCache,
    tenant: { ...text, description: 'the name of a Britive tenant, such as acme' },
    baseUrl: { description: 'an https URL, where a tenant is elsewhere', type: 'string', pattern: '^https?://' },
    idp: { ...text, description: 'the identity provider that a Britive sign-in begins with' },
    federation: {
      description:
        '"aws", "github", "gitlab", "bitbucket", "spacelift", "oidc" or "file-PATH": a workload\'s own token',
      type: 'string',
      pattern: '^(aws|bitbucket|spacelift|(github|gitlab|oidc)(-.+)?|file-.+)$',
    },
    idleCheckin: duration,
  },
} as const;

const profile = {
  description: 'session with accountId and roleName, or with profile for Britive',
  type: 'object',
  additionalProperties: false,
  required: ['session'],
  properties: {
    session: { ...text, description: 'the name of a session' },
    accountId: { description: 'twelve digits in quotes', type: 'string', pattern: '^[0-9]{12}$' },
    roleName: text,
    profile: { ...text, description: 'a path in Britive such as "App/Env/Profile"' },
    region,
    description: text,
  },
} as const;

export const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'credbroker configuration',
  description: 'the keys listen, login, tokenCache, refresh, sessions and profiles',
  type: 'object',
  additionalProperties: false,
  properties: {
    listen: {
      description: 'an object of host and port',
      type: 'object',
      additionalProperties: false,
      properties: {
        host: { description: '"127.0.0.1", the one address that every AWS SDK accepts', enum: ['127.0.0.1'] },
        port: { description: 'a port number from 0 to 65535', type: 'integer', minimum: 0, maximum: 65535 },
      },
    },
    login: {
      description: '"on-demand", or "manual" to never open a browser unasked',
      enum: ['on-demand', 'manual'],
    },
    tokenCache,
    refresh,
    sessions: { description: 'sessions by name', type: 'object', additionalProperties: session },
    profiles: { description: 'profiles by name', type: 'object', additionalProperties: profile },
  },
} as const;

export type ConfigYaml = FromSchema<typeof schema>;
export type SessionYaml = FromSchema<typeof session>;
export type ProfileYaml = FromSchema<typeof profile>;
export type DurationYaml = FromSchema<typeof duration>;
export type RefreshYaml = FromSchema<typeof refresh>;
