import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, settingsOf } from './aws-settings.ts';

type Read = Pick<Settings, 'sessions' | 'profiles' | 'diagnostics'>;

const read = (text: string, env: Readonly<Record<string, string>> = {}): Read =>
  settingsOf({ config: awsConfig(text), env });

const complaints = ({ diagnostics }: Read): readonly string[] =>
  diagnostics.map(({ line, severity, key, message }) => `${line} ${severity} ${key}: ${message}`);

const problem = ({ profiles }: Read, name: string): string | undefined => {
  const profile = profiles.get(name);
  return profile?.kind === 'unserved' ? profile.problem : undefined;
};

const session = (name: string, url = 'https://acme.awsapps.com/start', more = ''): string =>
  `[sso-session ${name}]\nsso_start_url = ${url}\nsso_region = eu-west-1\n${more}`;
const role = 'sso_account_id = 123456789012\nsso_role_name = Admin\n';
const profile = (name: string, of: string, more = ''): string =>
  `[profile ${name}]\nsso_session = ${of}\n${role}${more}`;
const legacy = (name: string, url: string, more = ''): string =>
  `[profile ${name}]\nsso_start_url = ${url}\nsso_region = eu-west-1\n${role}${more}`;

describe('sessions', () => {
  it('has all that a sign-in needs', () => {
    const { sessions, profiles, diagnostics } = read(
      session('acme', undefined, 'sso_registration_scopes = sso:account:access, codewhisperer:completions\n') +
        profile('dev', 'acme', 'region = us-west-2\n'),
    );
    expect(sessions.get('acme')).toEqual({
      provider: 'aws-sso',
      name: 'acme',
      startUrl: 'https://acme.awsapps.com/start',
      region: 'eu-west-1',
      scopes: ['sso:account:access', 'codewhisperer:completions'],
      cacheKey: 'acme',
      tokenCache: 'shared',
      oidcEndpoint: null,
      portalEndpoint: null,
      origin: { file: '/config', line: 1 },
    });
    expect(profiles.get('dev')).toEqual({
      kind: 'sso',
      name: 'dev',
      session: 'acme',
      accountId: '123456789012',
      roleName: 'Admin',
      region: 'us-west-2',
      description: null,
      origin: { file: '/config', line: 5 },
    });
    expect(diagnostics).toEqual([]);
  });

  it('asks for the scope that brings a refresh token where none is named', () => {
    expect(read(session('acme')).sessions.get('acme')).toMatchObject({ scopes: ['sso:account:access'] });
  });

  it('keeps a session as it is when a later profile names a start URL', () => {
    const { sessions } = read(`${session('acme')}${legacy('old', 'https://other.awsapps.com/start')}`);
    expect([...sessions.values()]).toMatchObject([
      { name: 'acme', startUrl: 'https://acme.awsapps.com/start' },
      { name: 'other.awsapps.com', startUrl: 'https://other.awsapps.com/start' },
    ]);
  });

  it('keeps two sessions of one start URL apart', () => {
    const { sessions, profiles } = read(session('one') + session('two') + profile('a', 'one') + profile('b', 'two'));
    expect([...sessions.values()]).toMatchObject([{ cacheKey: 'one' }, { cacheKey: 'two' }]);
    expect(profiles.get('b')).toMatchObject({ session: 'two' });
  });

  it('reads quoted names', () => {
    const { sessions, profiles } = read(`${session('"my sso"')}${profile("'my dev'", 'my sso')}`);
    expect(sessions.get('my sso')).toMatchObject({ cacheKey: 'my sso' });
    expect(profiles.get('my dev')).toMatchObject({ kind: 'sso', session: 'my sso' });
  });

  it.each([
    ['[sso-session x]\nsso_region = eu-west-1\n', 'Session "x" has no sso_start_url; add the URL of the access portal'],
    [
      '[sso-session x]\nsso_start_url = https://a.example\n',
      'Session "x" has no sso_region; add the region of Identity Center',
    ],
    [session('x', '"https://a.example"'), 'Session "x" needs an https URL, without quotes, as its sso_start_url'],
    [session('x', 'http://a.example'), 'Session "x" needs an https URL, without quotes, as its sso_start_url'],
    [
      '[sso-session x]\nsso_start_url = https://a.example\nsso_region = evil.example/#\n',
      'Session "x" needs a region such as us-east-1, without quotes',
    ],
  ])('complains once of a session that cannot be used, not once for each profile', (text, message) => {
    const settings = read(text + profile('a', 'x') + profile('b', 'x'));
    expect(settings.sessions.size).toBe(0);
    expect(complaints(settings)).toEqual([expect.stringContaining(`error x: ${message}`)]);
    expect(problem(settings, 'b')).toBe(`${message.split('; ')[0]}. Run: credbroker config check`);
  });
});

describe('legacy profiles', () => {
  it('share a session named after the host, without scopes, under the hash of the URL as written', () => {
    const url = 'https://d-1.awsapps.com/start/#';
    const { sessions, profiles } = read(legacy('a', url) + legacy('b', url));
    expect([...sessions.values()]).toMatchObject([
      { name: 'd-1.awsapps.com', cacheKey: url, scopes: null, startUrl: url },
    ]);
    expect(profiles.get('b')).toMatchObject({ session: 'd-1.awsapps.com' });
  });

  it('get names of their own where a host is taken', () => {
    const { sessions } = read(
      session('x.example') + legacy('a', 'https://x.example/start') + legacy('b', 'https://x.example/start/'),
    );
    expect([...sessions.values()]).toMatchObject([
      { name: 'x.example', cacheKey: 'x.example' },
      { name: 'x.example/start', cacheKey: 'https://x.example/start' },
      { name: 'x.example/start/', cacheKey: 'https://x.example/start/' },
    ]);
  });

  it('keep the host for the first of two URLs that differ in their ends', () => {
    const { sessions } = read(legacy('a', 'https://x.example/start') + legacy('b', 'https://x.example/start/'));
    expect([...sessions.keys()]).toEqual(['x.example', 'x.example/start/']);
  });

  it('warn of an inline comment and hash what the AWS CLI hashes (case 5)', () => {
    const settings = read(legacy('a', 'https://x.example/start # ours'));
    const [found] = settings.sessions.values();
    expect(found).toMatchObject({ startUrl: 'https://x.example/start', name: 'x.example' });
    const hash = createHash('sha1')
      .update(found?.provider === 'aws-sso' ? found.cacheKey : '')
      .digest('hex');
    expect(hash).toBe(createHash('sha1').update('https://x.example/start # ours').digest('hex'));
    expect(complaints(settings)).toEqual([
      '2 warning a: The AWS CLI takes the comment behind sso_start_url as part of it; put the comment on its own line',
    ]);
  });

  it('are warned of when one sign-in would have two regions', () => {
    const text = legacy('a', 'https://x.example') + legacy('b', 'https://x.example').replace('eu-west-1', 'eu-west-2');
    expect(complaints(read(text))).toEqual([
      '6 warning b: Profiles "a" and "b" share session "x.example" but differ in region or endpoint; make them equal',
    ]);
  });
});

describe('profiles that say what to mend', () => {
  it.each([
    [
      5,
      'has sso_session "acmee", which does not exist, did you mean "acme"; add [sso-session acmee]',
      'sso_session = acmee\n',
      role,
    ],
    [
      6,
      'and session "acme" differ in sso_start_url; remove it from the profile',
      'sso_session = acme\nsso_start_url = https://b.example\n',
      role,
    ],
    [
      6,
      'and session "acme" differ in sso_region; remove it from the profile',
      'sso_session = acme\nsso_region = us-east-1\n',
      role,
    ],
    [
      6,
      'has sso_account_id without sso_role_name; add the role',
      'sso_session = acme\n',
      'sso_account_id = 123456789012\n',
    ],
    [6, 'has sso_role_name without sso_account_id; add the account', 'sso_session = acme\n', 'sso_role_name = x\n'],
    [6, 'needs twelve digits as its sso_account_id', 'sso_session = acme\n', 'sso_account_id = 1\nsso_role_name = x\n'],
    [4, 'has neither sso_session nor sso_start_url; add sso_session', '', role],
    [
      6,
      'has source_profile "gone", which does not exist; add it or correct the name',
      'role_arn = r\nsource_profile = gone\n',
      '',
    ],
  ])('complained of in line %i: Profile "p" %s', (line, words, first, second) => {
    const settings = read(`${session('acme')}[profile p]\n${first}${second}`);
    expect(complaints(settings)).toEqual([`${line} error p: Profile "p" ${words}`]);
    const [what] = words.split(/; |, did you mean /);
    expect(problem(settings, 'p')).toBe(`Profile "p" ${what}. Run: credbroker config check`);
  });

  it.each([
    ['p', 'x'.repeat(100)],
    ['p'.repeat(120), 'x'],
  ])('say it in the 100 characters that a client hears, with the whole of it in the diagnostics', (name, of) => {
    const settings = read(profile(name, of));
    const what = `Profile "${name}" has sso_session "${of}", which does not exist`;
    expect(problem(settings, name)).toBe(`${what.slice(0, 70)}… Run: credbroker config check`);
    expect(problem(settings, name)).toHaveLength(100);
    expect(complaints(settings)).toEqual([`2 error ${name}: ${what}; add [sso-session ${of}]`]);
  });

  it.each([
    [18, 100, ''],
    [19, 100, '…'],
  ])('cut nothing off a problem that fits: a session of %i letters', (letters, length, end) => {
    const text = problem(read(profile('p', 'x'.repeat(letters))), 'p') ?? '';
    expect(text).toHaveLength(length);
    expect(text.replace(/[^…]/g, '')).toBe(end);
  });

  it.each(['.', '..'])('cannot be asked for under the name "%s"', (name) => {
    const settings = read(`${session('acme')}${profile(name, 'acme')}${profile('...', 'acme')}`);
    expect(problem(settings, name)).toBe(
      `Profile "${name}" is not served: a URL takes its name for a folder; rename it`,
    );
    expect(settings.profiles.get('...')).toMatchObject({ kind: 'sso' });
  });
});

describe('profiles that are not served', () => {
  it.each([
    [
      'aws_access_key_id = AKIA\naws_secret_access_key = s\n',
      'holds static access keys, not served yet; use it with the AWS tools directly',
    ],
    [
      'role_arn = arn:r\ncredential_source = Environment\n',
      'takes keys by credential_source, not served yet; use the AWS tools directly',
    ],
    ['credential_process = credbroker credential-process own\n', 'asks credbroker for "own"; ask for "own" itself'],
    ['sso_session = acme\n', 'has sso_session but no role; add sso_account_id and sso_role_name'],
    ['region = eu-west-1\n', 'holds no credentials; add sso_session, sso_account_id and sso_role_name'],
  ])('say what they are: %j', (text, words) => {
    const settings = read(`${session('acme')}${profile('dev', 'acme')}[profile p]\n${text}`);
    expect(problem(settings, 'p')).toBe(`Profile "p" ${words}`);
    expect(complaints(settings)).toEqual([]);
  });

  it.each([
    ['region = eu-west-1\n', true],
    ['aws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n', true],
    ['credential_process = credbroker credential-process own\n', true],
    ['aws_access_key_id = AKIA\naws_secret_access_key = s\n', false],
    ['role_arn = arn:r\ncredential_source = Environment\n', false],
    [
      'role_arn = arn:r\nsource_profile = a\n[profile a]\ncredential_process = credbroker credential-process own\n',
      false,
    ],
    ['sso_session = nowhere\nsso_account_id = 1\nsso_role_name = r\n', false],
  ])('yield their name where they have nothing of their own that lasts: %j', (text, yields) => {
    expect(read(`[profile p]\n${text}`).profiles.get('p')).toMatchObject({ kind: 'unserved', yields });
  });

  it.each([
    'aws_access_key_id = AKIA\naws_secret_access_key = s\n',
    'role_arn = arn:r\ncredential_source = Ec2InstanceMetadata\n',
    `role_arn = arn:r\nsource_profile = ${'x'.repeat(64)}\n[profile ${'x'.repeat(64)}]\naws_access_key_id = AKIA\naws_secret_access_key = s\n`,
  ])('say it in the 100 characters that a client hears: %j', (text) => {
    const settings = read(`${session('acme')}${profile('dev', 'acme')}[profile team-admin]\n${text}`);
    expect(problem(settings, 'team-admin')?.length).toBeLessThanOrEqual(100);
    expect(problem(settings, 'team-admin')).toMatch(/use (it with )?the AWS tools directly$/);
  });

  it('does not count one that asks credbroker for a profile of the files: it is that profile', () => {
    const text = `${session('acme')}${profile('dev', 'acme')}[profile p]\ncredential_process = credbroker credential-process dev\n`;
    expect(read(text).profiles.get('p')).toMatchObject({ kind: 'sso', name: 'p', session: 'acme', roleName: 'Admin' });
  });
});

it('serves SSO where static keys stand too, and says that some tools do not (case 11)', () => {
  const settings = read(
    `${session('acme')}${profile('p', 'acme', 'aws_access_key_id = AKIA\naws_secret_access_key = s\n')}`,
  );
  expect(settings.profiles.get('p')?.kind).toBe('sso');
  expect(complaints(settings)).toEqual([
    '8 warning p: The AWS CLI and credbroker use SSO here, some SDKs the static keys; remove one of the two',
  ]);
});

it('says nothing of temporary keys beside SSO, as a checkout leaves them', () => {
  const keys = 'aws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n';
  const settings = read(`${session('acme')}${profile('p', 'acme', keys)}`);
  expect(settings.profiles.get('p')?.kind).toBe('sso');
  expect(complaints(settings)).toEqual([]);
});

describe('endpoints (case 8)', () => {
  const fake = 'services = fake\nendpoint_url = https://all.example\n';
  const text = `${session('s')}${profile('p', 's', fake)}[services fake]\nsso_oidc =\n  endpoint_url = http://127.0.0.1:9000\n`;
  const service = { AWS_ENDPOINT_URL_SSO_OIDC: 'https://oidc.example' };
  const every = { AWS_ENDPOINT_URL: 'https://every.example' };
  const off = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'True' };
  it.each([
    ['the services section, then endpoint_url', text, {}, 'http://127.0.0.1:9000', 'https://all.example'],
    ['the variable for all services before the file', text, every, 'https://every.example', 'https://every.example'],
    [
      "the service's own variable before that",
      text,
      { ...every, ...service },
      'https://oidc.example',
      'https://every.example',
    ],
    ['none where the environment says to ignore them', text, { ...every, ...service, ...off }, null, null],
    [
      'none where the profile says so',
      text.replace('services =', 'ignore_configured_endpoint_urls = true\nservices ='),
      every,
      null,
      null,
    ],
    [
      "the environment's for a session without profiles",
      session('s'),
      every,
      'https://every.example',
      'https://every.example',
    ],
  ])('takes %s', (_, config, env, oidcEndpoint, portalEndpoint) => {
    expect(read(config, env).sessions.get('s')).toMatchObject({ oidcEndpoint, portalEndpoint });
  });

  it('refuses one that would carry tokens in the clear', () => {
    const settings = read(session('s') + profile('p', 's'), { AWS_ENDPOINT_URL: 'http://sso.example' });
    expect(settings.sessions.size).toBe(0);
    expect(complaints(settings)).toEqual([
      '1 error s: Session "s" is sent to endpoint "http://sso.example"; name one with https, or http on loopback',
    ]);
    expect(problem(settings, 'p')).toBe(
      'Session "s" is sent to endpoint "http://sso.example". Run: credbroker config check',
    );
  });

  it('warns where profiles of one session differ', () => {
    const two = `${session('s')}${profile('p', 's')}${profile('q', 's', 'endpoint_url = https://q.example\n')}`;
    expect(complaints(read(two))).toEqual([
      '8 warning q: Profiles "p" and "q" share session "s" but differ in region or endpoint; make them equal',
    ]);
  });
});

it('is harmless to names that mean something to JavaScript (case 12)', () => {
  const { profiles } = read(`${session('acme')}${profile('__proto__', 'acme')}${profile('constructor', 'acme')}`);
  expect([...profiles.keys()]).toEqual(['__proto__', 'constructor']);
  expect({}).not.toHaveProperty('sso_session');
});
