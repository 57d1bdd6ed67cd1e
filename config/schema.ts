/**
 * What `config.yaml` may say: Ajv checks with it and the types come from it. `schema.json` is the same for editors; a
 * test holds the two equal. Each `description` completes the sentence "It takes …" in a complaint.
 */
import type { FromSchema } from 'json-schema-to-ts';
import { duration, region, text, tokenCache } from './schema-parts.ts';
import { session } from './session-schema.ts';

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

const roleSessionName = {
  description: '2 to 64 letters, digits and +=,.@-_',
  type: 'string',
  pattern: '^[\\w+=,.@-]{2,64}$',
} as const;

const word = (description: string, min: number, max: number) =>
  ({ description, type: 'string', minLength: min, maxLength: max, pattern: '^[\\w+=,.@:/-]+$' }) as const;

const profile = {
  description: 'one of "session", "sourceProfile", "webIdentityTokenFile" and "process"',
  type: 'object',
  additionalProperties: false,
  oneOf: [
    { required: ['session'] },
    { required: ['sourceProfile'] },
    { required: ['webIdentityTokenFile'] },
    { required: ['process'] },
  ],
  properties: {
    session: { ...text, description: 'the name of a session' },
    accountId: { description: 'twelve digits in quotes', type: 'string', pattern: '^[0-9]{12}$' },
    roleName: text,
    profile: { ...text, description: 'a path in Britive such as "App/Env/Profile"' },
    sourceProfile: { ...text, description: 'the name of a profile whose credentials assume the role' },
    roleArn: {
      description: 'the ARN of a role, such as arn:aws:iam::123456789012:role/Deploy',
      type: 'string',
      pattern: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$',
    },
    externalId: word('2 to 1224 letters, digits and +=,.@:/-_', 2, 1224),
    mfaSerial: word('the serial number or the ARN of an MFA device', 9, 256),
    duration,
    sessionName: roleSessionName,
    sourceIdentity: roleSessionName,
    tags: {
      description: 'up to 50 texts by name',
      type: 'object',
      maxProperties: 50,
      additionalProperties: { description: 'a text of at most 256 letters', type: 'string', maxLength: 256 },
    },
    webIdentityTokenFile: {
      description: 'the full path of a file with an identity token',
      type: 'string',
      pattern: '^(/|[A-Za-z]:[\\\\/]).+$',
    },
    process: { ...text, description: 'a command that prints what credential_process prints' },
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
