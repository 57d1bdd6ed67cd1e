import { describe, expect, it } from 'vitest';
import { ConfigError, formatDiagnostic } from '../../config/diagnostics.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, configYaml, loading } from './memory-files.ts';

const aws = `[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
`;

const load = (yaml: string): Promise<Settings> => loadSettings(loading({ [configYaml]: yaml, [awsConfig]: aws }));

const complaints = (yaml: string): Promise<readonly string[]> =>
  load(yaml).then(
    () => [],
    (thrown: unknown) => {
      if (!(thrown instanceof ConfigError)) throw thrown;
      return thrown.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(configYaml, ''));
    },
  );

const acme = 'sessions: { acme: { provider: britive, tenant: acme } }\n';

describe('a Britive tenant in config.yaml', () => {
  it.each([
    ['tenant: acme', { tenant: 'acme', baseUrl: 'https://acme.britive-app.com' }],
    ['tenant: "https://Acme.britive-app.com/login"', { tenant: 'acme', baseUrl: 'https://acme.britive-app.com' }],
    ['baseUrl: "https://pam.example/x/"', { tenant: 'pam.example', baseUrl: 'https://pam.example/x' }],
    ['baseUrl: "http://127.0.0.1:8080"', { tenant: '127.0.0.1:8080', baseUrl: 'http://127.0.0.1:8080' }],
  ])('is found by %s', async (address, expected) => {
    const { sessions } = await load(`sessions:\n  acme: { provider: britive, ${address} }\n`);
    expect(sessions.get('acme')).toEqual({
      ...{
        provider: 'britive',
        name: 'acme',
        idp: null,
        federation: null,
        idleCheckinMs: null,
        origin: { file: configYaml, line: 2 },
      },
      ...expected,
    });
  });

  it('may name its identity provider and where a workload gets its token', async () => {
    const { sessions } = await load(
      'sessions: { ci: { provider: britive, tenant: a, idp: okta, federation: github } }\n',
    );
    expect(sessions.get('ci')).toMatchObject({ idp: 'okta', federation: 'github' });
  });

  it('may want back what nobody asks for any more', async () => {
    const { sessions } = await load('sessions: { acme: { provider: britive, tenant: a, idleCheckin: 30m } }\n');
    expect(sessions.get('acme')).toMatchObject({ idleCheckinMs: 1_800_000 });
  });

  it('has profiles by their path', async () => {
    const yaml = `${acme}profiles:\n  blue: { session: acme, profile: 'Prod\\/Cloud/Blue/Read Only', region: eu-west-1 }\n`;
    const { profiles, diagnostics } = await load(yaml);
    expect(profiles.get('blue')).toEqual({
      ...{ kind: 'britive', name: 'blue', session: 'acme', region: 'eu-west-1', description: null },
      ...{ application: 'Prod/Cloud', environment: 'Blue', access: 'Read Only', offer: null, implied: false },
      origin: { file: configYaml, line: 3 },
    });
    expect(diagnostics).toEqual([]);
  });
});

describe('a complaint about Britive', () => {
  const sessionKeys =
    'provider: aws-sso with ssoSession, or with startUrl and region; britive with tenant or baseUrl; oidc with issuer and clientId';
  const session = (keys: string): string => `sessions:\n  acme: { provider: britive${keys} }\n`;
  const profile = (keys: string): string => `${acme}profiles:\n  x: { session: acme${keys} }\n`;
  it.each([
    ['no address', session(''), `:2 sessions.acme: It takes ${sessionKeys}`],
    ['two addresses', session(', tenant: a, baseUrl: "https://a.b"'), `:2 sessions.acme: It takes ${sessionKeys}`],
    ['keys of Identity Center', session(', tenant: a, region: us-east-1'), `:2 sessions.acme: It takes ${sessionKeys}`],
    [
      'a host that is no tenant',
      session(', tenant: evilbritive-app.com'),
      ':2 sessions.acme.tenant: It takes the address of a Britive tenant: "evilbritive-app.com" is not a Britive tenant such as "acme"',
    ],
    [
      'an address in the clear',
      session(', baseUrl: "http://pam.example"'),
      ':2 sessions.acme.baseUrl: It takes the address of a Britive tenant: "http://pam.example" is not https',
    ],
    [
      'an unknown source of tokens',
      session(', tenant: a, federation: jenkins'),
      ':2 sessions.acme.federation: It takes "aws", "github", "gitlab", "bitbucket", "spacelift", "oidc" or "file-PATH": a workload\'s own token',
    ],
    [
      'a name that ~/.aws/config has too',
      'sessions:\n  corp: { provider: britive, tenant: a }\n',
      ':2 sessions.corp: ~/.aws/config has a session "corp" too; rename this one',
    ],
    ['no path', profile(''), ':3 profiles.x: The key "profile" is missing; it takes a path such as "App/Env/Profile"'],
    [
      'half a path',
      profile(', profile: Admin'),
      ':3 profiles.x.profile: It takes a path such as "App/Env/Profile", not "Admin"',
    ],
    [
      'an account',
      profile(', profile: A/B/C, accountId: "123456789012"'),
      ':3 profiles.x.accountId: The session "acme" is one of Britive: it takes "profile" alone',
    ],
    [
      'a path in a session of Identity Center',
      'profiles:\n  x: { session: corp, profile: A/B/C }\n',
      ':2 profiles.x.profile: The session "corp" is one of Identity Center: it takes accountId and roleName',
    ],
  ])('names file, line and key of %s', async (_, yaml, complaint) => {
    expect(await complaints(yaml)).toEqual([complaint]);
  });
});
