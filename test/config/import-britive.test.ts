import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importBctl } from '../../config/import-bctl.ts';
import { type Imported, importedYaml, mergeImports, pathOf, tenantOf } from '../../config/import-britive.ts';
import { britiveFiles } from '../../config/import-paths.ts';
import { importPybritive } from '../../config/import-pybritive.ts';

const free = { sessions: new Set<string>(), profiles: new Set<string>() };

const yamlOf = (imported: Imported): unknown => parse(importedYaml(imported));

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
  it('becomes a session and profiles, with what it cannot become in comments', () => {
    const imported = importBctl({ config: bctl, cache: null });
    expect(importedYaml(imported)).toBe(`# The clusters of "dev" are found anew. Run: credbroker eks connect dev
# bctl wrote "staging" to the section "stage"; credbroker writes it to "staging"
sessions:
  acme:
    provider: britive
    tenant: acme
profiles:
  dev:
    session: acme
    profile: App/Env/Profile
    region: eu-west-1
  staging:
    session: acme
    profile: App/Staging/Profile
    region: us-east-1
`);
  });

  it('is completed by what bctl synced, and wins over it', () => {
    const { profiles } = importBctl({ config: bctl, cache });
    expect(profiles.get('aws-admin-prod')).toEqual({
      session: 'acme',
      profile: 'Prod Cloud/Blue/Admin',
      region: 'us-east-1',
    });
    expect(profiles.get('staging')).toMatchObject({ profile: 'App/Staging/Profile', region: 'us-west-2' });
  });

  it.each(['', '{', '[]', '{"profiles": 7}'])('does without a cache such as %j', (damaged) => {
    expect(importBctl({ config: bctl, cache: damaged })).toEqual(importBctl({ config: bctl, cache: null }));
  });

  it('says that an API token has to be given again', () => {
    const { notes } = importBctl({
      config: 'tenant: https://Acme.britive-app.com/\nauth: { method: token }',
      cache: null,
    });
    expect(notes).toEqual(["bctl's API token stays where it is. Run: credbroker login acme --token"]);
  });

  it.each([
    ['no path', '', '"" is not App/Env/Profile, with "\\/" for a slash inside a name'],
    ['a hole in it', 'App//Profile', '"App//Profile" is not App/Env/Profile, with "\\/" for a slash inside a name'],
    ['one part', 'Profile', '"Profile" is not App/Env/Profile, with "\\/" for a slash inside a name'],
    ['a slash too many', 'App/a/b/P', '"App/a/b/P" is not App/Env/Profile, with "\\/" for a slash inside a name'],
    ['a resource', 'resources/db/P', '"resources/db/P" is a resource, and only applications are served'],
  ])('leaves out a profile with %s', (_, path, why) => {
    const config = JSON.stringify({ tenant: 'acme', profiles: { x: { britive_path: path } } });
    expect(importBctl({ config, cache: null }).notes).toEqual([`Profile "x" was left out: ${why}`]);
  });

  it('names no profile after a folder, nor after a property', () => {
    const config = 'tenant: acme\nprofiles: { "..": { britive_path: A/B/C }, __proto__: { britive_path: A/B/C } }';
    const imported = importBctl({ config, cache: null });
    expect([...imported.profiles.keys()]).toEqual(['__proto__']);
    expect(imported.notes).toEqual(['Profile ".." was left out: a URL takes the name for a folder']);
    expect(importedYaml(imported)).toContain('  __proto__:\n    session: acme\n');
  });

  it('is refused where it is no YAML or has no tenant', () => {
    expect(() => importBctl({ config: 'a: [', cache: null })).toThrow('is no valid YAML');
    for (const config of ['', '[]', 'tenant: 7', 'tenant: "a b"', 'tenant: "../x"']) {
      expect(() => importBctl({ config, cache: null })).toThrow('names no tenant');
    }
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
  it('becomes sessions and profiles, with what it cannot become in comments', () => {
    const imported = importPybritive(pybritive);
    expect(yamlOf(imported)).toEqual({
      sessions: {
        main: { provider: 'britive', tenant: 'acme', idp: 'okta # prod' },
        'acme-dev': { provider: 'britive', tenant: 'acme-dev' },
      },
      profiles: {
        admin: { session: 'main', profile: 'prod cloud/blue/read only' },
        slashed: { session: 'main', profile: 'app\\/one/env/profile' },
        flat: { session: 'main', profile: 'env/profile' },
      },
    });
    expect(imported.notes).toEqual([
      'Profile "odd" was left out: "just-one" is not App/Env/Profile, with "\\/" for a slash inside a name',
      'Not taken over from [global]: output_format, credential_backend',
      'Not taken over from [tenant-acme-dev]: output_format',
    ]);
  });

  it.each([
    ['the section', 'two', 'two'],
    ['the tenant', 'ACME.britive-app.com', 'one'],
    ['nobody', 'three', undefined],
    ['nothing', '', undefined],
  ])('gives its aliases to the default tenant, which names %s', (_, chosen, session) => {
    const text = `[global]\ndefault_tenant=${chosen}\n[tenant-one]\nname=acme\n[tenant-two]\nname=acme2\n[profile-aliases]\na=x/y/z\n`;
    const { profiles, notes } = importPybritive(text);
    expect(profiles.get('a')?.session).toBe(session);
    expect(notes.some((note) => note.includes('several tenants'))).toBe(session === undefined);
  });

  it('gives them to the only tenant there is', () => {
    expect(importPybritive('[Tenant-One]\n[profile-aliases]\nA=x/y/z\n').profiles.get('a')?.session).toBe('one');
  });

  it('is refused where it names no tenant', () => {
    expect(() => importPybritive('[global]\n')).toThrow('names no tenant');
    expect(() => importPybritive('[tenant-a b]\n')).toThrow('names no tenant');
  });
});

describe('several imports', () => {
  it('keep what is there already, and the first of two that differ', () => {
    const one = importBctl({ config: bctl, cache: null });
    const other = importBctl({ config: bctl.replace('App/Staging', 'App/Other'), cache: null });
    const merged = mergeImports([one, other], { sessions: new Set(['acme']), profiles: new Set(['dev']) });
    expect([...merged.sessions.keys(), ...merged.profiles.keys()]).toEqual(['staging']);
    expect(merged.profiles.get('staging')?.profile).toBe('App/Staging/Profile');
    expect(merged.notes).toContain('The profile "dev" was left out: the name is taken. Rename one of the two');
    expect(merged.notes).toContain('A second profile "staging" was left out. Add it under another name');
  });

  it('say nothing of what is the same twice', () => {
    const one = importPybritive(pybritive);
    expect(mergeImports([one, { ...one, notes: [] }], free)).toEqual(one);
  });
});

it('breaks no comment by a name that holds a line break', () => {
  const config = JSON.stringify({
    tenant: 'acme',
    profiles: { 'a\nlogin: manual #': { britive_path: 'x\u2028y\u0085z' } },
  });
  expect(yamlOf(importBctl({ config, cache: null }))).toEqual({
    sessions: { acme: { provider: 'britive', tenant: 'acme' } },
  });
});

it.each([
  ['acme', 'acme'],
  [' ACME ', 'acme'],
  ['acme.britive-app.com', 'acme'],
  ['https://acme.britive-app.com:443/login?x', 'acme'],
  ['acme.dev.britive-app.com', 'acme.dev'],
  ['evilbritive-app.com', 'evilbritive-app.com'],
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
])('takes the path %s for %s', (text, path) => {
  expect(pathOf(text)).toEqual({ path });
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
