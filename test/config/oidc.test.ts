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

const session = (keys: string): string => `sessions:\n  ngc: { provider: oidc, ${keys} }\n`;

describe('an OAuth issuer in config.yaml', () => {
  const least = {
    ...{ provider: 'oidc', name: 'ngc', issuer: 'https://login.example', clientId: 'cli', clientSecret: null },
    ...{ scopes: ['openid', 'offline_access'], audience: null, flow: 'pkce' },
    origin: { file: configYaml, line: 2 },
  };

  it.each([
    ['issuer: "https://login.example", clientId: cli', {}],
    ['issuer: "https://login.example/realms/a/", clientId: cli', { issuer: 'https://login.example/realms/a/' }],
    ['issuer: "http://127.0.0.1:8080", clientId: cli', { issuer: 'http://127.0.0.1:8080' }],
    [
      'issuer: "https://login.example", clientId: cli, clientSecret: s, scopes: [a], audience: "api://x", flow: device',
      { clientSecret: 's', scopes: ['a'], audience: 'api://x', flow: 'device' },
    ],
    ['issuer: "https://login.example", clientId: cli, flow: token', { flow: 'token' }],
  ])('is a session with %s', async (keys, expected) => {
    const { sessions, diagnostics } = await load(session(keys));
    expect(sessions.get('ngc')).toEqual({ ...least, ...expected });
    expect(diagnostics).toEqual([]);
  });

  const address = 'issuer: "https://login.example"';
  it.each([
    ['no client', address, 'sessions.ngc: It takes provider:'],
    ['no issuer', 'clientId: cli', 'sessions.ngc: It takes provider:'],
    ['plain HTTP', 'issuer: "http://login.example", clientId: cli', 'sessions.ngc.issuer: It takes https'],
    ['no URL', 'issuer: login.example, clientId: cli', 'sessions.ngc.issuer: It takes an https URL'],
    ['a query', 'issuer: "https://login.example/?a=b", clientId: cli', 'sessions.ngc.issuer: It takes a URL without'],
    ['an unknown flow', `${address}, clientId: cli, flow: implicit`, 'sessions.ngc.flow: It takes "pkce"'],
    ['no scope at all', `${address}, clientId: cli, scopes: []`, 'sessions.ngc.scopes: It takes a list'],
    ['keys of Identity Center', `${address}, clientId: cli, region: us-east-1`, 'sessions.ngc: It takes provider:'],
    ['keys of Britive', `${address}, clientId: cli, tenant: acme`, 'sessions.ngc: It takes provider:'],
  ])('is refused with %s', async (_what, keys, complaint) => {
    expect(await complaints(session(keys))).toEqual([expect.stringContaining(complaint)]);
  });

  it.each(['issuer: "https://a.b"', 'clientId: cli', 'flow: device'])('lends no other provider its %s', async (key) => {
    expect(await complaints(`sessions:\n  ngc: { provider: britive, tenant: acme, ${key} }\n`)).toHaveLength(1);
    expect(await complaints(`sessions:\n  ngc: { provider: aws-sso, ssoSession: corp, ${key} }\n`)).toHaveLength(1);
  });

  it('takes no name of ~/.aws/config, whose profiles would follow it', async () => {
    const yaml = session(`${address}, clientId: cli`).replace('ngc', 'corp');
    expect(await complaints(yaml)).toEqual([expect.stringContaining('~/.aws/config has a session "corp" too')]);
  });
});
