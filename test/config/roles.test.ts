import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../config/diagnostics.ts';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, settingsOf } from './aws-settings.ts';

type Env = Readonly<Record<string, string>>;
type Read = Pick<Settings, 'profiles' | 'diagnostics'>;

const sso = `[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[profile dev]
sso_session = acme
sso_account_id = 123456789012
sso_role_name = Dev
`;
const keys = 'aws_access_key_id = AKIA\naws_secret_access_key = s\n';
const role = (name: string, source: string, more = ''): string =>
  `[profile ${name}]\nrole_arn = arn:aws:iam::123456789012:role/${name}\nsource_profile = ${source}\n${more}`;

const read = (text: string, env: Env = {}): Read => settingsOf({ config: awsConfig(sso + text), env });

const problem = ({ profiles }: Read, name: string): string | null => {
  const profile = profiles.get(name);
  return profile?.kind === 'unserved' ? profile.problem : null;
};

const complaints = ({ diagnostics }: Read): readonly string[] => diagnostics.map(formatDiagnostic);

describe('a role of ~/.aws/config', () => {
  it('is assumed with the profile that it names', () => {
    const settings = read(
      role(
        'deploy',
        'dev',
        'external_id = x-1\nmfa_serial = arn:aws:iam::123456789012:mfa/me\nrole_session_name = me\nduration_seconds = 900\nregion = us-west-2\n',
      ),
    );
    expect(settings.profiles.get('deploy')).toEqual({
      kind: 'role',
      name: 'deploy',
      source: 'dev',
      roleArn: 'arn:aws:iam::123456789012:role/deploy',
      sessionName: 'me',
      externalId: 'x-1',
      mfaSerial: 'arn:aws:iam::123456789012:mfa/me',
      durationMs: 900_000,
      sourceIdentity: null,
      tags: {},
      region: 'us-west-2',
      stsEndpoint: null,
      description: null,
      origin: { file: '/config', line: 8 },
    });
    expect(settings.diagnostics).toEqual([]);
  });

  it('leaves to upstream what the profile does not say', () => {
    expect(read(role('deploy', 'dev')).profiles.get('deploy')).toMatchObject({
      ...{ sessionName: null, externalId: null, mfaSerial: null, durationMs: null, stsEndpoint: null },
    });
  });

  it('is one of a chain, each with the next as its source', () => {
    const { profiles } = read(role('a', 'b') + role('b', 'c') + role('c', 'dev'));
    expect(['a', 'b', 'c'].map((name) => profiles.get(name))).toMatchObject([
      { kind: 'role', source: 'b' },
      { kind: 'role', source: 'c' },
      { kind: 'role', source: 'dev' },
    ]);
  });

  it.each([
    ['a web identity', 'role_arn = r\nweb_identity_token_file = /t\n', 'web-identity'],
    ['a helper', 'credential_process = /opt/tool --id 1\n', 'process'],
    ['a console sign-in', 'login_session = arn:l\n', 'aws-login'],
  ])('builds on %s', (_, text, kind) => {
    const { profiles } = read(`${role('a', 'b')}[profile b]\n${text}`);
    expect(profiles.get('a')).toMatchObject({ kind: 'role', source: 'b' });
    expect(profiles.get('b')).toMatchObject({ kind });
  });

  it('is the same under the name of a profile that asks credbroker for it', () => {
    const text = `${role('a', 'dev', 'region = eu-north-1\n')}[profile p]\ncredential_process = credbroker credential-process a\n`;
    const { profiles } = read(text);
    const { name: _n, origin: _o, ...same } = profiles.get('a') ?? expect.fail();
    expect(profiles.get('p')).toMatchObject({ ...same, name: 'p', origin: { line: 12 } });
  });
});

describe('other profiles of ~/.aws/config', () => {
  it('exchange the token of a file for a role', () => {
    const text = '[profile ci]\nrole_arn = arn:r\nweb_identity_token_file = /var/run/token\nrole_session_name = ci\n';
    expect(read(text).profiles.get('ci')).toEqual({
      kind: 'web-identity',
      name: 'ci',
      tokenFile: '/var/run/token',
      roleArn: 'arn:r',
      sessionName: 'ci',
      durationMs: null,
      region: null,
      stsEndpoint: null,
      description: null,
      origin: { file: '/config', line: 8 },
    });
  });

  it('run a helper with its words as they stand', () => {
    const { profiles } = read(
      '[profile p]\ncredential_process = "/opt/a b" --for x # not a comment\nregion = eu-west-3\n',
    );
    expect(profiles.get('p')).toEqual({
      kind: 'process',
      name: 'p',
      command: '"/opt/a b" --for x # not a comment',
      region: 'eu-west-3',
      description: null,
      origin: { file: '/config', line: 8 },
    });
  });

  it('use what "aws login" left', () => {
    const { profiles } = read('[profile p]\nlogin_session = arn:aws:sts::012345678910:assumed-role/Admin/admin\n', {
      AWS_REGION: 'us-east-2',
    });
    expect(profiles.get('p')).toEqual({
      kind: 'aws-login',
      name: 'p',
      loginSession: 'arn:aws:sts::012345678910:assumed-role/Admin/admin',
      region: 'us-east-2',
      description: null,
      origin: { file: '/config', line: 8 },
    });
  });
});

describe('the region of a role', () => {
  const both = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' };
  const process = (more: string): string => `[profile tool]\ncredential_process = /opt/tool\n${more}`;
  it.each([
    ['its own', role('a', 'tool', 'region = eu-west-3\n') + process('region = eu-west-2\n'), both, 'eu-west-3'],
    [
      'the nearest source that has one',
      role('a', 'b') + role('b', 'tool', 'region = eu-west-3\n') + process('region = eu-west-2\n'),
      both,
      'eu-west-3',
    ],
    [
      "the nearest source's before those behind it",
      role('a', 'b') + role('b', 'c', 'region = eu-west-3\n') + role('c', 'tool', 'region = eu-west-2\n') + process(''),
      {},
      'eu-west-3',
    ],
    ['the first source', role('a', 'b') + role('b', 'tool') + process('region = eu-west-2\n'), both, 'eu-west-2'],
    ["Identity Center's before the environment's", role('a', 'b') + role('b', 'dev'), both, 'eu-west-1'],
    ["the environment's", role('a', 'tool') + process(''), both, 'us-east-1'],
    ["the environment's default", role('a', 'tool') + process(''), { AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-2'],
    ['none where nobody names one', role('a', 'tool') + process(''), {}, null],
  ])('is %s', (_, text, env, region) => {
    expect(read(text, env).profiles.get('a')).toMatchObject({ kind: 'role', region });
  });

  it('is not lent to the profile that it comes from', () => {
    expect(read(role('a', 'dev')).profiles.get('dev')).toMatchObject({ kind: 'sso', region: null });
  });
});

describe('the STS of a role', () => {
  const fake = 'services = fake\nendpoint_url = https://all.example\n';
  const services = '[services fake]\nsts =\n  endpoint_url = http://127.0.0.1:9000\n';
  const sts = { AWS_ENDPOINT_URL_STS: 'https://sts.example' };
  const every = { AWS_ENDPOINT_URL: 'https://every.example' };
  const global = 'https://sts.amazonaws.com';
  const legacy = 'sts_regional_endpoints = legacy\n';
  it.each([
    ["the region's own", '', {}, null],
    ['that of the services section', fake + services, {}, 'http://127.0.0.1:9000'],
    ['endpoint_url', 'endpoint_url = https://all.example\n', {}, 'https://all.example'],
    ["the environment's for all services before those", fake + services, every, 'https://every.example'],
    ["the environment's for STS before that", fake + services, { ...every, ...sts }, 'https://sts.example'],
    [
      "the region's own where endpoints are ignored",
      `ignore_configured_endpoint_urls = true\n${fake}${services}`,
      sts,
      null,
    ],
    ['the global one for old regions, if so wished', legacy, {}, global],
    ['the global one, if the environment wishes so', '', { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, global],
    [
      "the region's own against the profile, if the environment wishes so",
      legacy,
      { AWS_STS_REGIONAL_ENDPOINTS: 'regional' },
      null,
    ],
    ["the region's own for FIPS 140, which the global one is not", `${legacy}use_fips_endpoint = true\n`, {}, null],
    ["a new region's own", `${legacy}region = eu-south-1\n`, {}, null],
    ['a configured one before the global one', legacy, sts, 'https://sts.example'],
  ])('is %s', (_, more, env, stsEndpoint) => {
    expect(read(role('a', 'dev', more), env).profiles.get('a')).toMatchObject({ kind: 'role', stsEndpoint });
    const webIdentity = `[profile w]\nrole_arn = r\nweb_identity_token_file = /t\n${more}`;
    expect(read(webIdentity, env).profiles.get('w')).toMatchObject({ kind: 'web-identity', stsEndpoint });
  });
});

describe('a role of ~/.aws/config that is not served', () => {
  const tools = 'use the AWS tools directly';
  it.each([
    ['static keys', `[profile b]\n${keys}`, `builds on "b", which holds static access keys; ${tools}`],
    [
      'static keys before their own role',
      role('b', 'dev', keys),
      `builds on "b", which holds static access keys; ${tools}`,
    ],
    [
      'static keys before SSO beside a role',
      role('b', 'dev', `${keys}sso_session = acme\nsso_account_id = 123456789012\nsso_role_name = r\n`),
      `builds on "b", which holds static access keys; ${tools}`,
    ],
    [
      'keys that a checkout wrote',
      `[profile b]\n${keys}aws_session_token = t\n`,
      'builds on "b", which holds keys that end by themselves; add "b" to config.yaml',
    ],
    [
      "the machine's credentials",
      '[profile b]\nrole_arn = r\ncredential_source = EcsContainer\n',
      `builds on "b", which takes keys by credential_source; ${tools}`,
    ],
    [
      'a token that is none of AWS',
      '[profile b]\nsso_session = acme\n',
      'builds on "b", which has sso_session but no role; add sso_account_id and sso_role_name',
    ],
    [
      'what no file has',
      '[profile b]\ncredential_process = credbroker credential-process own\n',
      'builds on "b", which asks credbroker for "own"; add "own" to config.yaml',
    ],
  ])('says that its source has %s', (_, source, words) => {
    const settings = read(role('a', 'b') + source);
    expect(problem(settings, 'a')).toBe(`Profile "a" ${words}`);
    expect(problem(read(role('a', 'mid') + role('mid', 'b') + source), 'a')).toBe(`Profile "a" ${words}`);
    expect(settings.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('says that it would build on static keys of its own', () => {
    expect(problem(read(role('a', 'a', keys)), 'a')).toBe(
      `Profile "a" builds on static access keys of its own; ${tools}`,
    );
  });

  it.each([
    ['gone', 'Profile "a" has source_profile "gone", which does not exist; add it or correct the name'],
    ['de', 'Profile "a" has source_profile "de", which does not exist, did you mean "dev"; add it or correct the name'],
  ])('names a source that does not exist: %s', (source, message) => {
    const settings = read(role('a', source));
    expect(complaints(settings)).toEqual([`/config:10 a: ${message}`]);
    expect(problem(settings, 'a')).toBe(
      `Profile "a" has source_profile "${source}", which does not exist. Run: credbroker config check`,
    );
  });

  it.each([
    ['duration_seconds = 899\n', 11, 'needs 900 to 43200 as its duration_seconds'],
    ['duration_seconds = 43201\n', 11, 'needs 900 to 43200 as its duration_seconds'],
    ['duration_seconds = 1h\n', 11, 'needs 900 to 43200 as its duration_seconds'],
    ['region = "us-east-1"\n', 11, 'needs a region such as us-east-1, without quotes'],
    ['region = evil.example/#\n', 11, 'needs a region such as us-east-1, without quotes'],
    [
      'endpoint_url = http://sts.example\n',
      8,
      'is sent to endpoint "http://sts.example"; name one with https, or http on loopback',
    ],
  ])('complains of %j, once, for itself and those that build on it', (more, line, words) => {
    const settings = read(role('a', 'dev', more) + role('z', 'a', 'region = us-east-1\n'));
    expect(complaints(settings)).toEqual([`/config:${line} a: Profile "a" ${words}`]);
    expect(problem(settings, 'a')).toBe(`Profile "a" ${words.split('; ')[0]}. Run: credbroker config check`);
    expect(problem(settings, 'z')).toBe(problem(settings, 'a'));
  });

  it.each(['900', '43200'])('takes a duration of %s seconds', (seconds) => {
    expect(read(role('a', 'dev', `duration_seconds = ${seconds}\n`)).profiles.get('a')).toMatchObject({
      durationMs: Number(seconds) * 1_000,
    });
  });

  it('has a source that cannot be used', () => {
    const settings = read(
      `${role('a', 'b')}[profile b]\nsso_session = nowhere\nsso_account_id = 1\nsso_role_name = r\n`,
    );
    expect(problem(settings, 'a')).toMatch(/^Profile "b" needs twelve digits/);
    expect(settings.diagnostics).toHaveLength(1);
  });

  it.each(['.', '..'])('names no source "%s"', (name) => {
    const settings = read(role('a', name) + role(name, 'dev'));
    expect(complaints(settings)).toEqual([`/config:11 ${name}: Profile "${name}" cannot be a source; rename it`]);
  });
});
