import { describe, expect, it } from 'vitest';
import { brokerProfile, type LinkedProfile, resolveChain } from '../../config/aws-chain.ts';
import { settingOf } from '../../config/aws-profile.ts';
import { type AwsConfig, parseAwsConfig } from '../../config/aws-sections.ts';
import { awsConfig, settingsOf } from './aws-settings.ts';
import { hasVectors, unlessMissing, vectors } from './vectors.ts';

const own = new Map();

/** The chain in words: `base > role > role`, or what is wrong. */
const chainOf = ({ profiles }: AwsConfig, name: string): string => {
  const start = profiles.get(name);
  if (start === undefined) return `no profile ${name}`;
  const chain = resolveChain({ aws: profiles, own }, start);
  if (chain.type === 'problem') return `line ${chain.origin.line}: ${chain.message}`;
  const { base } = chain;
  if (base.type === 'own') return 'own';
  const first = base.type === 'broker' ? `broker ${base.asked}` : `${base.type} ${base.profile.name}`;
  return [first, ...chain.hops.map(({ profile }) => keyOf(profile, 'role_arn'))].join(' > ');
};

const keyOf = (profile: LinkedProfile, key: string): string | null =>
  'settings' in profile ? null : settingOf(profile, key);

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface ChainVector {
  readonly docs: string;
  readonly input: { readonly profiles: Sections; readonly sso_sessions?: Sections; readonly selected_profile: string };
  readonly output: {
    readonly ProfileChain?: readonly Readonly<Record<string, Readonly<Record<string, string>> | string>>[];
    readonly Error?: string;
  };
}

const written = (type: string, sections: Sections): string =>
  Object.entries(sections)
    .map(([name, keys]) =>
      [`[${type} ${name}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`)].join('\n'),
    )
    .join('\n');

const kinds: Readonly<Record<string, readonly string[]>> = {
  AccessKey: ['static'],
  Sso: ['sso', 'sso-token'],
  WebIdentityToken: ['web-identity'],
  NamedSource: ['named'],
};

/** Errors of the vectors that are not errors here, with the reason. */
const differences: Readonly<Record<string, string>> = {
  'profile only contains configuration':
    'a profile with a region alone is no mistake; it says that it holds no credentials',
  'invalid SSO token configuration: sso_region must be in sso-session':
    "the session is at fault, for it lacks its region; the profile is refused with the session's own complaint",
  'invalid SSO token configuration: sso-session not found':
    'the profile has no account or role, so it holds no AWS credentials whatever its session is',
  'missing root profile (should never happen in practice)': 'nobody can ask for a profile that is not in the list',
};

const tests = vectors<readonly ChainVector[]>('assume-role-tests.json', []);

describe.skipIf(!hasVectors)(`the cross-SDK chain vectors${unlessMissing}`, () => {
  it('has every deliberate difference among the vectors', () => {
    expect(tests.map(({ docs }) => docs)).toEqual(expect.arrayContaining(Object.keys(differences)));
    expect(tests.length).toBeGreaterThanOrEqual(27);
  });

  it.each(tests)('case 1: $docs', ({ docs, input, output }) => {
    const config = awsConfig(
      `${written('profile', input.profiles)}\n${written('sso-session', input.sso_sessions ?? {})}`,
    );
    const profile = config.profiles.get(input.selected_profile);
    const settings = settingsOf({ config }).profiles.get(input.selected_profile);
    if (docs in differences) return expect(settings?.kind, differences[docs]).not.toBe('sso');
    const chain = profile && resolveChain({ aws: config.profiles, own }, profile);
    if (output.Error !== undefined) {
      expect(settings).toMatchObject({
        kind: 'unserved',
        problem: expect.stringMatching(/Run: credbroker config check$/),
      });
      return;
    }
    if (chain?.type !== 'chain') return expect.fail(`${chain?.type}`);
    const [base, ...roles] = output.ProfileChain ?? [];
    const [[kind, details] = ['', '']] = Object.entries(base ?? {});
    expect(kinds[kind]).toContain(chain.base.type);
    const found = chain.base;
    if (found.type === 'own') return expect.fail('no vector is of our own files');
    if (found.type === 'named') expect(found.source).toBe(details);
    else if (found.type === 'static')
      expect(settingOf(found.profile, 'aws_access_key_id')).toBe(Object(details).access_key_id);
    else
      expect(Object.fromEntries([...found.profile.keys].map(([key, { value }]) => [key, value]))).toMatchObject(
        found.type === 'sso-token' ? { sso_session: Object(details).sso_session } : Object(details),
      );
    expect(settings?.kind).toBe(servedAs(found.type, roles.length > 0));
    expect(chain.hops.map(hopAsVector)).toEqual(roles.map((role) => role['AssumeRole']));
  });
});

const servedAs = (base: string, isRole: boolean): string => {
  if (base !== 'web-identity') return 'unserved';
  return isRole ? 'role' : 'web-identity';
};

const vectorKeys = ['role_arn', 'role_session_name', 'external_id'];

const hopAsVector = ({ profile }: { readonly profile: LinkedProfile }) =>
  Object.fromEntries(vectorKeys.map((key) => [key, keyOf(profile, key)]).filter(([, value]) => value !== null));

const keys = 'aws_access_key_id = AKIA\naws_secret_access_key = s\n';
const role = (name: string, source: string, more = ''): string =>
  `[profile ${name}]\nrole_arn = arn:${name}\nsource_profile = ${source}\n${more}`;

describe('loops (case 9)', () => {
  it.each([
    [
      'a -> b -> a',
      role('a', 'b') + role('b', 'a'),
      'line 6: Profile "a" goes in a loop, a -> b -> a; change source_profile',
    ],
    ['a -> a without keys', role('a', 'a'), 'line 3: Profile "a" goes in a loop, a -> a; change source_profile'],
    [
      'a -> b -> b',
      role('a', 'b') + role('b', 'b'),
      'line 6: Profile "a" goes in a loop, a -> b -> b; change source_profile',
    ],
    [
      'a with keys -> b -> a',
      role('a', 'b', keys) + role('b', 'a'),
      'line 8: Profile "a" goes in a loop, a -> b -> a; change source_profile',
    ],
  ])('refuses %s and names the way', (_, text, complaint) => {
    expect(chainOf(awsConfig(text), 'a')).toBe(complaint);
  });

  it('lets a profile with keys be its own source', () => {
    expect(chainOf(awsConfig(role('a', 'a', keys)), 'a')).toBe('static a > arn:a');
  });

  it('follows eight steps and not nine', () => {
    const chain = (steps: number): string =>
      Array.from({ length: steps }, (_, index) => role(`p${index}`, `p${index + 1}`)).join('') +
      `[profile p${steps}]\n${keys}`;
    expect(chainOf(awsConfig(chain(8)), 'p0')).toMatch(/^static p8 > arn:p7 .*> arn:p0$/);
    expect(chainOf(awsConfig(chain(9)), 'p0')).toBe(
      'line 27: Profile "p0" takes more than 8 steps, p0 -> p1 -> p2 -> p3 -> p4 -> p5 -> p6 -> p7 -> p8 -> p9; shorten the chain',
    );
  });
});

describe('which credential counts, as botocore decides it', () => {
  const sso = 'sso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n';
  it.each([
    ['a role before all', `${role('a', 'b', sso)}[profile b]\n${keys}`, 'static b > arn:a'],
    ['a web identity before SSO', `[profile a]\nweb_identity_token_file = /t\nrole_arn = r\n${sso}`, 'web-identity a'],
    ['SSO before static keys (case 11)', `[profile a]\n${keys}${sso}`, 'sso a'],
    ['a console sign-in before a process', '[profile a]\ncredential_process = x\nlogin_session = arn\n', 'login a'],
    ["a process before the config file's keys", `[profile a]\n${keys}credential_process = x\n`, 'process a'],
    ["keys before a source's own role", `${role('a', 'b')}${role('b', 'c', keys)}`, 'static b > arn:a'],
    [
      'half a pair as a mistake',
      '[profile a]\naws_access_key_id = AKIA\n',
      'line 2: Profile "a" has aws_access_key_id without aws_secret_access_key; add it',
    ],
  ])('takes %s', (_, text, chain) => {
    expect(chainOf(awsConfig(text), 'a')).toBe(chain);
  });

  it("takes the credentials file's keys before a process", () => {
    const config = parseAwsConfig([
      { kind: 'config', file: '/config', text: '[profile a]\ncredential_process = x\n' },
      { kind: 'credentials', file: '/credentials', text: `[a]\n${keys}` },
    ]);
    expect(chainOf(config, 'a')).toBe('static a');
  });
});

describe('a credential_process that asks credbroker (case 10)', () => {
  it.each([
    ['credbroker credential-process dev', 'dev'],
    ['/usr/local/bin/credbroker credential-process "my dev"', 'my dev'],
    ['"C:\\Program Files\\credbroker\\credbroker.exe" credential-process dev', 'dev'],
    ['C:\\tools\\credbroker.cmd credential-process dev', 'dev'],
    ['node /opt/dist/credbroker.cjs credential-process --no-start dev', 'dev'],
    ['/opt/tools/helper credential-process dev', null],
    ['credbroker status', null],
    ['credbroker "credential-process', null],
  ])('is seen in %s', (command, profile) => {
    expect(brokerProfile(command)).toBe(profile);
  });

  const process = (name: string, asked: string): string =>
    `[profile ${name}]\ncredential_process = credbroker credential-process ${asked}\n`;

  it.each([
    ['for itself', process('a', 'a'), 'line 2: Profile "a" goes in a loop, a -> a; change credential_process'],
    [
      'by way of another',
      process('a', 'b') + process('b', 'a'),
      'line 4: Profile "a" goes in a loop, a -> b -> a; change credential_process',
    ],
    [
      'by way of a role',
      role('a', 'b') + process('b', 'a'),
      'line 5: Profile "a" goes in a loop, a -> b -> a; change credential_process',
    ],
    ['for a profile of the files', `${process('a', 'b')}[profile b]\n${keys}`, 'static b'],
    ['for a profile of our own', process('a', 'x'), 'broker x'],
  ])('%s', (_, text, chain) => {
    expect(chainOf(awsConfig(text), 'a')).toBe(chain);
  });
});
