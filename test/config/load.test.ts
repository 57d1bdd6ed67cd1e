import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { ConfigError, formatDiagnostic } from '../../config/diagnostics.ts';
import { loadSettings } from '../../config/load.ts';
import { schema } from '../../config/schema.ts';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, awsCredentials, configYaml, loading, systemError } from './memory-files.ts';

const aws = `[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev
`;

const load = (yaml: string, env: Readonly<Record<string, string>> = {}, config = aws): Promise<Settings> =>
  loadSettings(loading({ [configYaml]: yaml, [awsConfig]: config }, env));

/** What is wrong, as `config check` prints it, without the file's name. */
const complaints = async (yaml: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
  try {
    await load(yaml, env);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(configYaml, ''));
  }
};

describe('settings', () => {
  it('are the defaults where there is no file at all', async () => {
    expect(await loadSettings(loading({}))).toEqual({
      listen: { host: '127.0.0.1', port: 9911 },
      login: 'on-demand',
      refresh: defaults.refresh,
      sessions: new Map(),
      profiles: new Map(),
      diagnostics: [],
      files: [configYaml, awsConfig, awsCredentials],
    });
  });

  it('serve the AWS profiles without a file of our own', async () => {
    const settings = await loadSettings(loading({ [awsConfig]: aws }));
    expect([...settings.sessions.keys()]).toEqual(['corp']);
    expect(settings.profiles.get('dev')).toMatchObject({ kind: 'sso', session: 'corp' });
  });

  it('take what config.yaml says', async () => {
    const settings = await load(`
listen: { port: 0 }
login: manual
sessions:
  own: { provider: aws-sso, startUrl: https://own.example/start, region: us-east-1, tokenCache: private }
profiles:
  admin: { session: own, accountId: "000000000001", roleName: Admin, region: eu-west-1, description: All of it }
`);
    expect(settings).toMatchObject({ listen: { host: '127.0.0.1', port: 0 }, login: 'manual' });
    expect(settings.sessions.get('own')).toEqual({
      provider: 'aws-sso',
      name: 'own',
      startUrl: 'https://own.example/start',
      region: 'us-east-1',
      scopes: ['sso:account:access'],
      cacheKey: 'own',
      tokenCache: 'private',
      oidcEndpoint: null,
      portalEndpoint: null,
      origin: { file: configYaml, line: 5 },
    });
    expect(settings.profiles.get('admin')).toEqual({
      kind: 'sso',
      name: 'admin',
      session: 'own',
      accountId: '000000000001',
      roleName: 'Admin',
      region: 'eu-west-1',
      description: 'All of it',
      origin: { file: configYaml, line: 7 },
    });
  });

  it('give an AWS session another name, with its profiles, and keep its token file', async () => {
    const settings = await load('sessions: { work: { provider: aws-sso, ssoSession: corp, scopes: [a, b] } }\n');
    expect([...settings.sessions.values()]).toMatchObject([{ name: 'work', cacheKey: 'corp', scopes: ['a', 'b'] }]);
    expect(settings.profiles.get('dev')).toMatchObject({ session: 'work' });
    expect(settings.diagnostics).toEqual([]);
  });

  it('take tokenCache from the top for every session that does not say otherwise', async () => {
    const yaml =
      'tokenCache: private\nsessions: { corp: { provider: aws-sso, ssoSession: corp, tokenCache: shared } }\n';
    expect((await load('tokenCache: private\n')).sessions.get('corp')).toMatchObject({ tokenCache: 'private' });
    const settings = await load(yaml);
    expect(settings.sessions.get('corp')).toMatchObject({ tokenCache: 'shared' });
    expect(settings.diagnostics).toEqual([]);
  });

  it('prefer config.yaml to the AWS files and say so', async () => {
    const settings = await load(`
sessions:
  corp: { provider: aws-sso, startUrl: https://own.example/start, region: us-east-1 }
profiles:
  dev: { session: corp, accountId: "000000000001", roleName: Own }
`);
    expect(settings.sessions.get('corp')).toMatchObject({ startUrl: 'https://own.example/start' });
    expect(settings.profiles.get('dev')).toMatchObject({ roleName: 'Own' });
    expect(settings.diagnostics.map(formatDiagnostic)).toEqual([
      `${configYaml}:3 sessions.corp: It replaces the session of the same name in ${awsConfig}:1; rename one of the two`,
      `${configYaml}:5 profiles.dev: It replaces the profile of the same name in ${awsConfig}:4; rename one of the two`,
    ]);
    expect(settings.diagnostics.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });

  it('replace without a word what could not be served: the static keys that a checkout writes', async () => {
    const profiles = 'profiles: { dev: { session: corp, accountId: "000000000001", roleName: Own } }';
    const keys = '[dev]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n';
    const settings = await loadSettings(
      loading({
        [configYaml]: profiles,
        [awsConfig]: aws.replace('[profile dev]', '[profile other]'),
        [awsCredentials]: keys,
      }),
    );
    expect(settings.profiles.get('dev')).toMatchObject({ roleName: 'Own' });
    expect(settings.diagnostics).toEqual([]);
  });

  it('serve what can be read of the AWS files and report the rest', async () => {
    const settings = await loadSettings(
      loading(
        { [awsConfig]: `${aws}oops\n`, [awsCredentials]: systemError('EACCES') },
        { AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' },
      ),
    );
    expect(settings.profiles.get('dev')?.kind).toBe('sso');
    expect(settings.diagnostics.map(({ file, line, severity }) => [file, line, severity])).toEqual([
      [awsCredentials, 0, 'error'],
      [awsConfig, 8, 'error'],
      ['environment', 0, 'warning'],
    ]);
  });
});

describe('CREDBROKER_PORT', () => {
  it.each(['0', '9912', '65535'])('%s wins over the file', async (port) => {
    expect((await load('listen: { port: 1 }', { CREDBROKER_PORT: port })).listen.port).toBe(Number(port));
  });

  it.each(['65536', '-1', '80a', '1e3', ' 80'])('%s is refused', async (port) => {
    expect(await complaints('', { CREDBROKER_PORT: port })).toEqual([
      `environment CREDBROKER_PORT: It is "${port}"; it takes a port number from 0 to 65535`,
    ]);
  });
});

describe('complaints about config.yaml', () => {
  it.each(['.', '..'])('refuse the name "%s", which no URL can carry', async (name) => {
    const session = 'provider: aws-sso, startUrl: https://own.example/start, region: us-east-1';
    const profile = 'session: corp, accountId: "000000000001", roleName: Admin';
    expect(
      await complaints(`sessions:\n  "${name}": { ${session} }\nprofiles:\n  "${name}": { ${profile} }\n`),
    ).toEqual([
      `:2 sessions.${name}: A URL takes the name "${name}" for a folder; choose another`,
      `:4 profiles.${name}: A URL takes the name "${name}" for a folder; choose another`,
    ]);
  });

  const session = '{ provider: aws-sso, startUrl: https://own.example, region: us-east-1 }';
  const sessionKeys =
    'provider: aws-sso with ssoSession, or with startUrl and region; britive with tenant or baseUrl; oidc with issuer and clientId';
  it.each([
    [
      'a misspelt key',
      'login: manual\nsesions: {}\n',
      [':2 sesions: The key "sesions" is not known here, did you mean "sessions"'],
    ],
    [
      'a foreign key',
      'britive: {}\n',
      [
        ':1 britive: The key "britive" is not known here; the keys are listen, login, tokenCache, refresh, sessions, profiles',
      ],
    ],
    [
      'a wrong choice',
      '\nlogin: never\n',
      [':2 login: It takes "on-demand", or "manual" to never open a browser unasked'],
    ],
    [
      'an open address',
      'listen:\n  host: 0.0.0.0\n',
      [':2 listen.host: It takes "127.0.0.1", the one address that every AWS SDK accepts'],
    ],
    ['a port out of range', 'listen:\n  port: 65536\n', [':2 listen.port: It takes a port number from 0 to 65535']],
    [
      'an account without quotes',
      `sessions: { own: ${session} }\nprofiles:\n  dev:\n    session: own\n    roleName: Dev\n    accountId: 012345678901\n`,
      [':6 profiles.dev.accountId: It takes twelve digits in quotes'],
    ],
    [
      'a missing key',
      'profiles:\n  dev: { session: corp, roleName: Dev }\n',
      [':2 profiles.dev: The key "accountId" is missing; it takes twelve digits in quotes'],
    ],
    [
      'half a session',
      'sessions:\n  own: { provider: aws-sso, startUrl: https://own.example }\n',
      [`:2 sessions.own: It takes ${sessionKeys}`],
    ],
    [
      'a session of both kinds',
      `sessions:\n  own: { ssoSession: corp, ${session.slice(2)}\n`,
      [`:2 sessions.own: It takes ${sessionKeys}`],
    ],
    [
      'another provider',
      'sessions:\n  own: { provider: okta, ssoSession: corp }\n',
      [':2 sessions.own.provider: It takes "aws-sso", "britive" or "oidc"'],
    ],
    [
      'a start URL in the clear',
      `sessions:\n  own: ${session.replace('https', 'http')}\n`,
      [':2 sessions.own: It takes https, or http on loopback, not "http://own.example"'],
    ],
    [
      'an AWS session that is not there',
      'sessions:\n  own:\n    provider: aws-sso\n    ssoSession: crop\n',
      [':4 sessions.own.ssoSession: ~/.aws/config has no usable [sso-session crop], did you mean "corp"'],
    ],
    [
      'a session that is not there',
      'profiles:\n  dev: { session: nowhere, accountId: "123456789012", roleName: Dev }\n',
      [':2 profiles.dev.session: There is no session "nowhere"; add it under sessions'],
    ],
    [
      'two sessions with one token file',
      'sessions:\n  a: { provider: aws-sso, ssoSession: corp }\n  b: { provider: aws-sso, ssoSession: corp }\n',
      [':3 sessions.b: It is the same sign-in as "a"; keep one'],
    ],
    [
      'a duration without a unit',
      'refresh:\n  soft: "30"\n',
      [':2 refresh.soft: It takes milliseconds as a number, or a duration such as "30s", "5m" or "1h"'],
    ],
    [
      'numbers that contradict each other',
      'refresh:\n  soft: 30s\n  lead: [{ min: 2m, max: 1m }, { min: 1m, max: 2m }]\n',
      [
        ':1 refresh.floor: It takes no more than "soft"',
        ':3 refresh.lead: It takes a "min" that is no more than "max"',
        ':3 refresh.lead: It takes exactly one entry without "upTo", for the longest lives',
      ],
    ],
    [
      'pauses and calls of the wrong kind',
      'refresh:\n  circuit: { failures: 0 }\n  budget: { perSecond: 0, burst: 1.5, reserved: 1 }\n  login: { remindBefore: 30m }\n',
      [
        ':2 refresh.circuit.failures: It takes a whole number from 1 on',
        ':3 refresh.budget.perSecond: It takes a number above 0',
        ':3 refresh.budget.burst: It takes a whole number from 1 on',
        ':3 refresh.budget.reserved: It takes a number from 0 on and below 1',
        ':4 refresh.login.remindBefore: It takes a list of durations, empty for no reminder',
      ],
    ],
    [
      'a budget that leaves nothing to renewals behind',
      'refresh:\n  budget:\n    burst: 1\n',
      [
        ':2 refresh.budget: It takes a "reserved" that leaves one call of the "burst" to renewals that nobody waits for',
      ],
    ],
    [
      'a list in place of keys',
      '- a\n',
      [':1: It takes the keys listen, login, tokenCache, refresh, sessions and profiles'],
    ],
    [
      'a key that stands twice',
      'login: manual\nlogin: manual\n',
      [':2: This is not valid YAML: Map keys must be unique'],
    ],
    [
      'a bracket left open',
      'login: manual\nlisten: {\n',
      [':3: This is not valid YAML: Flow map in block collection must be sufficiently indented and end with a }'],
    ],
  ])('name file, line and key of %s', async (_, yaml, expected) => {
    expect(await complaints(yaml)).toEqual(expected);
  });

  it('come all at once, in the order of the file', async () => {
    expect(await complaints('lisen: {}\nlogin: never\nlisten:\n  port: x\n')).toEqual([
      expect.stringMatching(/^:1 lisen: .*did you mean "listen"$/),
      expect.stringMatching(/^:2 login: /),
      expect.stringMatching(/^:4 listen.port: /),
    ]);
  });

  it('are what the error says, the first in front', async () => {
    await expect(load('login: never\n')).rejects.toMatchObject({
      code: 'ConfigInvalid',
      message: `${configYaml}:1 login: It takes "on-demand", or "manual" to never open a browser unasked`,
    });
  });

  it('include that the file cannot be read', async () => {
    await expect(loadSettings(loading({ [configYaml]: systemError('EACCES') }))).rejects.toMatchObject({
      code: 'ConfigInvalid',
      message: `${configYaml}: The file cannot be read (EACCES); give your user permission to read it`,
    });
  });

  it('follow aliases to the line where the mistake stands', async () => {
    const yaml = 'profiles:\n  a: &a\n    session: corp\n    accountId: 1\n    roleName: Dev\n  b: *a\n';
    expect(await complaints(yaml)).toEqual([
      ':4 profiles.a.accountId: It takes twelve digits in quotes',
      ':4 profiles.b.accountId: It takes twelve digits in quotes',
    ]);
  });

  it('refuse aliases that multiply', async () => {
    const level = (n: number): string =>
      `l${n}: &l${n} [${Array.from({ length: 10 }, () => `*l${n - 1}`).join(',')}]\n`;
    expect(await complaints(`l0: &l0 [1]\n${[1, 2, 3, 4].map(level).join('')}`)).toEqual([
      expect.stringMatching(/^:1: The aliases cannot be resolved: /),
    ]);
  });

  it('do not come for names that mean something to JavaScript', async () => {
    const settings = await load(
      'profiles:\n  __proto__: { session: corp, accountId: "123456789012", roleName: Dev }\n',
    );
    expect(settings.profiles.get('__proto__')).toMatchObject({ roleName: 'Dev' });
  });
});

describe('the refresh numbers', () => {
  it.each([
    ['soft: 300', 'softMs', 300],
    ['soft: 2500ms', 'softMs', 2_500],
    ['keepAlive: 1.5h', 'keepAliveMs', 5_400_000],
    ['denied: { first: 30s }', 'denied', { firstMs: 30_000, capMs: 900_000 }],
    ['hold: { go: 1m }', 'hold', { ...defaults.refresh.hold, goMs: 60_000 }],
    ['login: { cooldowns: [1m, 2m] }', 'login', { ...defaults.refresh.login, cooldownsMs: [60_000, 120_000] }],
    [
      'login: { offerBefore: 2m, remindBefore: [], remindEvery: 1h }',
      'login',
      { ...defaults.refresh.login, offerBeforeMs: 120_000, remindBeforeMs: [], remindEveryMs: 3_600_000 },
    ],
    ['login: { remindBefore: [1h, 90] }', 'login', { ...defaults.refresh.login, remindBeforeMs: [3_600_000, 90] }],
    ['circuit: { failures: 3 }', 'circuit', { ...defaults.refresh.circuit, failures: 3 }],
    ['circuit: { first: 1s, cap: 5m }', 'circuit', { failures: 5, firstMs: 1_000, capMs: 300_000 }],
    ['budget: { perSecond: 0.5 }', 'budget', { perSecond: 0.5, burst: 10, reserved: 0.2 }],
    ['budget: { burst: 5, reserved: 0.8 }', 'budget', { perSecond: 5, burst: 5, reserved: 0.8 }],
    ['budget: { burst: 1, reserved: 0 }', 'budget', { perSecond: 5, burst: 1, reserved: 0 }],
    ['wakeSpread: 1m', 'wakeSpreadMs', 60_000],
    [
      'lead: [{ min: 2m, max: 3m }, { upTo: 10m, min: 1m, max: 1m }]',
      'lead',
      [
        { upToMs: 600_000, minMs: 60_000, maxMs: 60_000 },
        { upToMs: Number.POSITIVE_INFINITY, minMs: 120_000, maxMs: 180_000 },
      ],
    ],
  ])('take %s and keep the other defaults', async (text, key, value) => {
    const { refresh } = await load(`refresh: { floor: 0, ${text} }\n`);
    expect(refresh).toEqual({ ...defaults.refresh, floorMs: 0, [key]: value });
  });
});

describe('a warning that renewals cannot keep up', () => {
  const profiles = (count: number): string =>
    Array.from(
      { length: count },
      (_, i) => `[profile p${i}]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R${i}\n`,
    ).join('');
  const warnings = async (count: number, yaml: string): Promise<readonly string[]> => {
    const { diagnostics } = await load(yaml, {}, `${aws}${profiles(count - 1)}`);
    expect(diagnostics.filter(({ severity }) => severity !== 'warning')).toEqual([]);
    return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(configYaml, ''));
  };

  it('does not come with the defaults for 900 profiles of one session', async () => {
    expect(await warnings(900, '')).toEqual([]);
  });

  it('comes for one profile more', async () => {
    expect(await warnings(901, '')).toEqual([
      ':1 refresh.budget.perSecond: It is too little to renew the profiles of session "corp" (901) in time; raise it, or the shortest "lead"',
    ]);
  });

  it('counts the calls in the shortest lead, and names the line', async () => {
    const yaml = (perSecond: number): string =>
      `refresh:\n  lead: [{ upTo: 5m, min: 1m, max: 2m }, { min: 9m, max: 9m }]\n  budget:\n    perSecond: ${perSecond}\n`;
    expect(await warnings(3, yaml(0.1))).toEqual([]);
    expect(await warnings(4, yaml(0.1))).toEqual([expect.stringMatching(/^:4 refresh\.budget\.perSecond: /)]);
  });

  it('counts each session by itself, because each has an upstream of its own', async () => {
    const second = `
sessions:
  own: { provider: aws-sso, startUrl: https://own.example/start, region: us-east-1 }
profiles:
  a: { session: own, accountId: "000000000001", roleName: A }
refresh: { budget: { perSecond: 0.0056 } }
`;
    expect(await warnings(1, second)).toEqual([]);
  });
});

describe('the files beside the code', () => {
  const read = (name: string): string => readFileSync(new URL(`../../config/${name}`, import.meta.url), 'utf8');

  it('has the schema for editors equal to the one that checks', () => {
    expect(JSON.parse(read('schema.json'))).toEqual(schema);
  });

  it('has an example that is accepted as it stands', async () => {
    const settings = await load(read('example.yaml'));
    expect(settings.diagnostics).toEqual([]);
    expect(settings.profiles.get('acme-admin')).toMatchObject({
      kind: 'sso',
      session: 'acme',
      accountId: '123456789012',
    });
    expect(settings.profiles.get('acme-deploy')).toMatchObject({ kind: 'role', source: 'acme-admin' });
    expect(settings.profiles.get('acme-readonly')).toMatchObject({ kind: 'britive', environment: 'Blue' });
    expect(settings.refresh).toEqual(defaults.refresh);
  });
});
