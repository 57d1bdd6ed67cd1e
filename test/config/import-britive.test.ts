import { describe, expect, it } from 'vitest';
import { importBctl } from '../../config/import-bctl.ts';
import { type Imported, pathOf, tenantOf } from '../../config/import-britive.ts';
import { britiveFiles } from '../../config/import-paths.ts';
import { importPybritive } from '../../config/import-pybritive.ts';

const bctlFrom = (config: string, cache: string | null = null): Imported =>
  importBctl({
    config: { path: '/b/config.yaml', text: config },
    cache: cache === null ? null : { path: '/b/profiles.json', text: cache },
  });

const pybritiveFrom = (text: string): Imported => importPybritive({ path: '/p/pybritive.config', text });

/** As bctl's own documentation shows it. */
const bctl = `
tenant: acme
default_region: us-east-1
auth:
  method: browser
profiles:
  dev:
    profile_id: "abc123"
    env_id: "xyz789"
    britive_path: "App/Env/Profile"
    aws_profile: dev
    cloud: aws
    region: eu-west-1
    eks_clusters:
      - my-dev-cluster
  staging:
    britive_path: "App/Staging/Profile"
    aws_profile: stage
`;

/** As Go's encoding/json writes bctl's profiles. */
const cache = JSON.stringify({
  syncedAt: '2026-04-11T01:30:00Z',
  profiles: {
    'aws-admin-prod': {
      ProfileID: 'p',
      EnvironmentID: 'e',
      BritivePath: 'Prod Cloud/Blue/Admin',
      AWSProfile: '',
      Region: '',
    },
    staging: { BritivePath: 'Synced/Staging/Profile', Region: 'us-west-2' },
  },
});

describe('the configuration of bctl', () => {
  it('becomes a session and profiles, with notes on what it cannot become', () => {
    expect(bctlFrom(bctl)).toEqual({
      tool: 'bctl',
      hasApiToken: false,
      sessions: new Map([['acme', { provider: 'britive', tenant: 'acme' }]]),
      profiles: new Map([
        ['dev', { session: 'acme', profile: 'App/Env/Profile', region: 'eu-west-1' }],
        ['staging', { session: 'acme', profile: 'App/Staging/Profile', region: 'us-east-1' }],
      ]),
      notes: [
        'bctl wrote "staging" to the section "stage"; credbroker writes it to "staging"',
        'The clusters of "dev" are found anew. Run: credbroker eks connect',
      ],
    });
  });

  it('is completed by what bctl synced, and wins over it', () => {
    const { profiles } = bctlFrom(bctl, cache);
    expect(profiles.get('aws-admin-prod')).toEqual({
      session: 'acme',
      profile: 'Prod Cloud/Blue/Admin',
      region: 'us-east-1',
    });
    expect(profiles.get('staging')).toMatchObject({ profile: 'App/Staging/Profile', region: 'us-west-2' });
  });

  it.each(['', '{', '[]', 'null', '{"profiles": 7}'])('does without a cache such as %j, and says so', (damaged) => {
    const { notes, ...imported } = bctlFrom(bctl, damaged);
    const { notes: usual, ...same } = bctlFrom(bctl);
    expect(imported).toEqual(same);
    const note = '"/b/profiles.json" was left out: it is not what bctl writes. Run: bctl profiles sync';
    expect(notes).toEqual([note, ...usual]);
  });

  it('does without the cache of another tenant, and takes that of its own', () => {
    const ofTenant = (tenant: string): Imported => bctlFrom(bctl, cache.replace('{', `{"tenant": "${tenant}",`));
    expect(ofTenant('Other').notes[0]).toBe(
      '"/b/profiles.json" was left out: it is of the tenant "Other". Run: bctl profiles sync',
    );
    expect(ofTenant('acme').profiles.size).toBe(3);
  });

  it('knows that bctl was given an API token', () => {
    expect(bctlFrom('tenant: https://Acme.britive-app.com/\nauth: { method: token }')).toMatchObject({
      sessions: new Map([['acme', { tenant: 'acme' }]]),
      hasApiToken: true,
    });
  });

  it('gives its default region to AWS alone', () => {
    const config = (cloud: string): string =>
      JSON.stringify({
        tenant: 'acme',
        default_region: 'us-east-1',
        profiles: { x: { britive_path: 'a/b/c', cloud } },
      });
    const regions = ['aws', 'AWS Standalone', '', 'azure', 'gcp'].map((cloud) => {
      return bctlFrom(config(cloud)).profiles.get('x')?.region;
    });
    expect(regions).toEqual(['us-east-1', 'us-east-1', 'us-east-1', undefined, undefined]);
  });

  it.each([
    ['no path', '', '"" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand'],
    [
      'a hole in it',
      'App//Profile',
      '"App//Profile" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand',
    ],
    ['one part', 'Profile', '"Profile" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand'],
    [
      'a slash too many',
      'App/a/b/P',
      '"App/a/b/P" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand',
    ],
    ['a resource', 'resources/db/P', '"resources/db/P" is a resource, and only applications are served'],
  ])('leaves out a profile with %s', (_, path, why) => {
    const config = JSON.stringify({ tenant: 'acme', profiles: { x: { britive_path: path } } });
    expect(bctlFrom(config).notes).toEqual([`Profile "x" was left out: ${why}`]);
  });

  it('names no profile after a folder, nor after a property', () => {
    const config = 'tenant: acme\nprofiles: { "..": { britive_path: A/B/C }, __proto__: { britive_path: A/B/C } }';
    const imported = bctlFrom(config);
    expect([...imported.profiles.keys()]).toEqual(['__proto__']);
    expect(imported.notes).toEqual(['Profile ".." was left out: a URL takes the name for a folder']);
  });

  it.each([
    ['a: [', 1, 'This is not valid YAML: '],
    ['tenant: acme\ntenant: acme', 2, 'This is not valid YAML: '],
    ['', 1, 'It is no configuration of bctl. Run: bctl init'],
    ['[]', 1, 'It is no configuration of bctl. Run: bctl init'],
    [
      'a: &a [x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
      1,
      'It is',
    ],
    ['a: 1', 1, 'It names no Britive tenant such as "acme". Run: bctl init'],
    ['# mine\ntenant: 7', 2, 'It names no Britive tenant'],
    ['a: 1\ntenant: "a b"', 2, 'It names no Britive tenant'],
    ['tenant: "../x"', 1, 'It names no Britive tenant'],
    ['tenant: evilbritive-app.com', 1, 'It names no Britive tenant'],
    ['tenant: acme\nprofiles: [a]', 2, 'It takes aliases with a britive_path each. Run: bctl profiles sync'],
    ['tenant: acme\nprofiles: { a: b }', 2, 'It takes aliases with a britive_path each'],
  ])('is refused with its line where it reads %j', (config, line, message) => {
    expect(() => bctlFrom(config)).toThrow(`/b/config.yaml:${line}: ${message}`);
  });
});

const pybritive = `[global]
default_tenant=main
output_format=json
credential_backend=encrypted-file
[tenant-main]
name=acme
sso_idp=okta # prod
[tenant-acme-dev]
output_format=yaml
[profile-aliases]
admin=prod cloud/blue/read only
slashed=app\\/one/env/profile
flat=env/profile
odd=just-one
`;

describe('the configuration of pybritive', () => {
  it('becomes sessions and profiles, with notes on what it cannot become', () => {
    expect(pybritiveFrom(pybritive)).toEqual({
      tool: 'pybritive',
      hasApiToken: false,
      sessions: new Map([
        ['main', { provider: 'britive', tenant: 'acme', idp: 'okta # prod' }],
        ['acme-dev', { provider: 'britive', tenant: 'acme-dev' }],
      ]),
      profiles: new Map([
        ['admin', { session: 'main', profile: 'prod cloud/blue/read only' }],
        ['slashed', { session: 'main', profile: 'app\\/one/env/profile' }],
        ['flat', { session: 'main', profile: 'env/profile' }],
      ]),
      notes: [
        'Profile "odd" was left out: "just-one" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand',
        'output_format "json" of [global] is chosen with each command here, for example: credbroker status --json',
        'credential_backend "encrypted-file" of [global] is chosen by the variable CREDBROKER_KEYRING_BACKEND here',
        'output_format "yaml" of [tenant-acme-dev] is chosen with each command here, for example: credbroker status --json',
      ],
    });
  });

  it.each([
    ['default_checkout_mode=integrate', 'is said with each checkout here: credbroker checkout PROFILE -o awscreds'],
    ['default_checkout_mode=ENV-WinPS', 'is said with each checkout here: credbroker checkout PROFILE -o powershell'],
    ['default_checkout_mode=browser-chrome', 'has no like here. Run: credbroker checkout --help'],
    ['ca_bundle=/ca.pem', 'goes into the variable AWS_CA_BUNDLE here'],
    ['something=new', 'has no like here'],
  ])('says what to do in place of %s', (line, advice) => {
    const [, value] = line.split('=');
    const { notes } = pybritiveFrom(`[tenant-a]\n[aws]\n${line}\n`);
    expect(notes).toEqual([`${line.split('=')[0]} "${value}" of [aws] ${advice}`]);
  });

  it.each([
    ['the section', 'two', 'two'],
    ['the tenant', 'ACME.britive-app.com', 'one'],
    ['nobody', 'three', undefined],
    ['nothing', '', undefined],
  ])('gives its aliases to the default tenant, which names %s', (_, chosen, session) => {
    const text = `[global]\ndefault_tenant=${chosen}\n[tenant-one]\nname=acme\n[tenant-two]\nname=acme2\n[profile-aliases]\na=x/y/z\n`;
    const { profiles, notes } = pybritiveFrom(text);
    expect(profiles.get('a')?.session).toBe(session);
    expect(notes.some((note) => note.includes('several tenants'))).toBe(session === undefined);
  });

  it('gives them to the only tenant there is', () => {
    expect(pybritiveFrom('[Tenant-One]\n[profile-aliases]\nA=x/y/z\n').profiles.get('a')?.session).toBe('one');
  });

  it('calls a tenant by its name where nobody could ask for its alias', () => {
    expect([...pybritiveFrom('[tenant-..]\nname=acme\n').sessions.keys()]).toEqual(['acme']);
  });

  it.each([
    ['[global]\n', '/p/pybritive.config: It names no Britive tenant. Run: pybritive configure tenant'],
    ['[tenant-a b]\n', '/p/pybritive.config: It names no Britive tenant'],
    ['tenantURL = "https://acme.britive-app.com"\n', '/p/pybritive.config:1: pybritive cannot read this line'],
    ['[tenant-a]\nname\n', '/p/pybritive.config:2: pybritive cannot read this line'],
    ['[tenant-a\n', '/p/pybritive.config:1: pybritive cannot read this line'],
  ])('is refused where it reads %j', (text, message) => {
    expect(() => pybritiveFrom(text)).toThrow(message);
  });
});

it.each([
  ['acme', 'acme'],
  [' ACME ', 'acme'],
  ['acme.britive-app.com', 'acme'],
  ['https://acme.britive-app.com:443/login?x', 'acme'],
  ['acme.dev.britive-app.com', 'acme.dev'],
  ['evilbritive-app.com', null],
  ['a..b', null],
  ['', null],
  ['a b', null],
  ['-a', null],
  ['a@b', null],
])('takes the tenant "%s" for %s', (text, tenant) => {
  expect(tenantOf(text)).toBe(tenant);
});

it.each([
  ['a/b/c', 'a/b/c'],
  [' a b/c d/e f ', 'a b/c d/e f'],
  ['a\\/b/c/d', 'a\\/b/c/d'],
  ['a\\\\/b/c', 'a\\\\/b/c'],
  ['a\\b/c/d', 'a\\\\b/c/d'],
  ['a\\', null],
  ['a/ /c', null],
  ['/a/b', null],
])('takes the path %s for %s', (text, path) => {
  expect(pathOf(text)).toEqual(path === null ? { problem: expect.any(String) } : { path });
});

describe('the files to import', () => {
  it.each([
    ['linux', { HOME: '/h' }, '/h/.config/bctl/config.yaml', '/h/.cache/bctl/profiles.json'],
    [
      'linux',
      { HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/k' },
      '/c/bctl/config.yaml',
      '/k/bctl/profiles.json',
    ],
    [
      'darwin',
      { HOME: '/h' },
      '/h/Library/Application Support/bctl/config.yaml',
      '/h/Library/Caches/bctl/profiles.json',
    ],
    [
      'win32',
      { HOME: 'C:\\h' },
      'C:\\h\\AppData\\Roaming\\bctl\\config.yaml',
      'C:\\h\\AppData\\Local\\bctl\\profiles.json',
    ],
  ] as const)('are where bctl keeps them on %s', (platform, env, config, profiles) => {
    const files = britiveFiles(env, platform);
    expect([files.bctlConfig[0], files.bctlCache[0]]).toEqual([config, profiles]);
  });

  it('are in the home that pybritive was given', () => {
    expect(britiveFiles({ HOME: '/h' }, 'linux').pybritive).toEqual(['/h/.britive/pybritive.config']);
    expect(britiveFiles({ HOME: '/h', PYBRITIVE_HOME_DIR: '/p' }, 'linux').pybritive).toEqual([
      '/p/.britive/pybritive.config',
    ]);
  });
});
