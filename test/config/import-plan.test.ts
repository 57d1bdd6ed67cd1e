import { describe, expect, it } from 'vitest';
import { withEntries } from '../../config/edit-config.ts';
import { importBctl } from '../../config/import-bctl.ts';
import type { Imported, Planned } from '../../config/import-britive.ts';
import { type ImportPlan, planImport } from '../../config/import-plan.ts';
import { importPybritive } from '../../config/import-pybritive.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, awsCredentials, configYaml, type Files, loading } from './memory-files.ts';

const bctl = (text: string): Imported => importBctl({ config: { path: '/b/config.yaml', text }, cache: null });
const pybritive = (text: string): Imported => importPybritive({ path: '/p/pybritive.config', text });

interface Result {
  readonly plan: ImportPlan;
  readonly text: string;
  /** As they are after the import. */
  readonly settings: Settings;
  /** The same once more. */
  readonly again: ImportPlan;
}

const imported = async (files: Files, ...imports: readonly Imported[]): Promise<Result> => {
  const plan = planImport(imports, await loadSettings(loading(files)));
  const before = files[configYaml];
  const text = withEntries(typeof before === 'string' ? before : null, {
    sessions: valuesOf(plan.sessions),
    profiles: valuesOf(plan.profiles),
  });
  const settings = await loadSettings(loading({ ...files, [configYaml]: text }));
  return { plan, text, settings, again: planImport(imports, settings) };
};

const valuesOf = <T extends object>(planned: ReadonlyMap<string, Planned<T>>): ReadonlyMap<string, T> =>
  new Map([...planned].map(([name, { value }]) => [name, value]));

/** What each profile stands for. */
const meanings = ({ profiles }: Settings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...profiles].map(([name, profile]) => [
      name,
      profile.kind === 'britive'
        ? [profile.session, profile.application, profile.environment, profile.access, profile.region]
        : profile.kind,
    ]),
  );

const tenants = ({ sessions }: Settings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...sessions].map(([name, session]) => [
      name,
      session.provider === 'britive' ? [session.baseUrl, session.idp] : session.provider,
    ]),
  );

const isEmpty = ({ sessions, profiles }: ImportPlan): boolean => sessions.size + profiles.size === 0;

describe('an import', () => {
  it('is read back as the sessions and profiles of bctl, slashes and letters of any kind among them', async () => {
    const { settings, again } = await imported(
      {},
      bctl(`tenant: https://Acme.britive-app.com/
default_region: us-east-1
profiles:
  dev: { britive_path: 'App\\/One/Env/Read Only', region: eu-west-1 }
  équipe: { britive_path: 'Données: été/Bleu # 1/Développeur 🚀' }
  "42": { britive_path: '"quoted"/it''s/{all}' }
  flat: { britive_path: Account/Admin }
`),
    );
    expect(tenants(settings)).toEqual({ acme: ['https://acme.britive-app.com', null] });
    expect(meanings(settings)).toEqual({
      dev: ['acme', 'App/One', 'Env', 'Read Only', 'eu-west-1'],
      équipe: ['acme', 'Données: été', 'Bleu # 1', 'Développeur 🚀', 'us-east-1'],
      '42': ['acme', '"quoted"', "it's", '{all}', 'us-east-1'],
      flat: ['acme', 'Account', 'Account', 'Admin', 'us-east-1'],
    });
    expect(settings.diagnostics).toEqual([]);
    expect(isEmpty(again)).toBe(true);
    expect(again.present).toEqual({ sessions: 1, profiles: 4 });
  });

  it('is read back as the several tenants of pybritive, its aliases with the default one', async () => {
    const { plan, settings, again } = await imported(
      { [configYaml]: '# mine\nlogin: manual\n' },
      pybritive(`[global]
default_tenant=main
[tenant-main]
name=acme
sso_idp=okta
[tenant-ea]
name=acme.dev
[profile-aliases]
admin=prod cloud/blue\\/green/admin
back=a\\b/c/d
`),
    );
    expect(tenants(settings)).toEqual({
      main: ['https://acme.britive-app.com', 'okta'],
      ea: ['https://acme.dev.britive-app.com', null],
    });
    expect(meanings(settings)).toEqual({
      admin: ['main', 'prod cloud', 'blue/green', 'admin', null],
      back: ['main', 'a\\b', 'c', 'd', null],
    });
    expect(plan.signIns).toEqual([
      { session: 'main', byToken: false },
      { session: 'ea', byToken: false },
    ]);
    expect([isEmpty(again), again.signIns]).toEqual([true, []]);
  });

  it('makes one session of a tenant that both tools have, with the identity provider that one of them names', async () => {
    const { plan, settings, again } = await imported(
      {},
      bctl(
        'tenant: acme\nauth: { method: token }\nprofiles: { dev: { britive_path: App/Env/P }, one: { britive_path: a/b/c } }',
      ),
      pybritive('[tenant-main]\nname=acme\nsso_idp=okta\n[profile-aliases]\ndev=app/env/p\none=x/y/z\nmore=x/y/z\n'),
    );
    expect(tenants(settings)).toEqual({ acme: ['https://acme.britive-app.com', 'okta'] });
    expect(Object.keys(meanings(settings))).toEqual(['dev', 'one', 'more']);
    expect(plan.profiles.get('more')).toMatchObject({ value: { session: 'acme' }, from: 'pybritive' });
    expect(plan.conflicts).toEqual([
      {
        kind: 'profile',
        name: 'one',
        kept: '"a/b/c" of session "acme"',
        left: '"x/y/z" of session "acme"',
        from: 'pybritive',
      },
    ]);
    expect(plan.notes).toContain('pybritive\'s tenant "main" is the session "acme"');
    expect(plan.signIns).toEqual([{ session: 'acme', byToken: true }]);
    expect(isEmpty(again)).toBe(true);
  });
});

const sso = `[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = us-east-1
[profile dev]
sso_session = acme
sso_account_id = 123456789012
sso_role_name = Admin
[profile tool]
credential_process = /opt/tool
`;

describe('names that are taken', () => {
  it('stay what they are in ~/.aws/config, and the tenant gets another', async () => {
    const { plan, settings, again } = await imported(
      { [awsConfig]: sso, [awsCredentials]: '[stage]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = x\n' },
      bctl(`{ tenant: acme, profiles: {
        dev: { britive_path: a/b/c }, tool: { britive_path: a/b/d }, stage: { britive_path: a/b/e } } }`),
    );
    expect(tenants(settings)).toEqual({ acme: 'aws-sso', 'acme-britive': ['https://acme.britive-app.com', null] });
    expect(meanings(settings)).toEqual({
      dev: 'sso',
      tool: ['acme-britive', 'a', 'b', 'd', null],
      stage: ['acme-britive', 'a', 'b', 'e', null],
    });
    expect(plan.conflicts).toEqual([
      {
        kind: 'profile',
        name: 'dev',
        kept: `"123456789012/Admin" of session "acme" (${awsConfig}:4)`,
        left: '"a/b/c" of session "acme-britive"',
        from: 'bctl',
      },
    ]);
    expect(plan.notes).toEqual([
      `Session "acme" is https://acme.awsapps.com/start (${awsConfig}:1), so the tenant "acme" becomes session "acme-britive"`,
    ]);
    expect(isEmpty(again)).toBe(true);
  });

  it('stay what they are in config.yaml, byte for byte', async () => {
    const before = `sessions:
  acme: { provider: britive, tenant: acme, idp: okta }   # ours
  other: { provider: britive, tenant: beta }
profiles:
  dev:   { session: acme, profile: A/B/C, region: eu-west-1 } # ours
  same:  { session: acme, profile: "a/b/c" }
  where: { session: acme, profile: A/B/C, region: eu-west-1 }
`;
    const { plan, text, again } = await imported(
      { [configYaml]: before },
      pybritive('[tenant-acme]\nsso_idp=ping\n[profile-aliases]\ndev=x/y/z\nsame=A/B/C\nwhere=a/b/c\nnew=a/b/c\n'),
    );
    expect(text).toBe(`${before}  new: { session: acme, profile: a/b/c }\n`);
    expect(plan.present).toEqual({ sessions: 0, profiles: 2 });
    expect(plan.conflicts).toEqual([
      { kind: 'session', name: 'acme', kept: `idp "okta" (${configYaml}:2)`, left: 'idp "ping"', from: 'pybritive' },
      {
        kind: 'profile',
        name: 'dev',
        kept: `"A/B/C" of session "acme" in eu-west-1 (${configYaml}:5)`,
        left: '"x/y/z" of session "acme"',
        from: 'pybritive',
      },
    ]);
    expect([isEmpty(again), again.conflicts.length]).toEqual([true, 2]);
  });

  it('say so where a region alone differs', async () => {
    const { plan } = await imported(
      {
        [configYaml]:
          'sessions: { acme: { provider: britive, tenant: acme } }\nprofiles: { p: { session: acme, profile: a/b/c } }\n',
      },
      bctl('{ tenant: acme, default_region: us-east-1, profiles: { p: { britive_path: a/b/c } } }'),
    );
    expect(plan.conflicts.map(({ left }) => left)).toEqual(['"a/b/c" of session "acme" in us-east-1']);
  });

  it.each([
    ['its own name', 'acme: { provider: britive, tenant: acme }', 'acme'],
    ['another name', 'work: { provider: britive, tenant: acme }', 'work'],
    ['its address', 'work: { provider: britive, baseUrl: "https://acme.britive-app.com/" }', 'work'],
    ['a workload, which is somebody else', 'work: { provider: britive, tenant: acme, federation: aws }', 'acme'],
    ['a workload of that name', 'acme: { provider: britive, tenant: acme, federation: aws }', 'acme-britive'],
    ['another tenant', 'acme: { provider: britive, tenant: beta }', 'acme-britive'],
    [
      'other tenants all over',
      'acme: { provider: britive, tenant: b }, acme-britive: { provider: britive, tenant: c }',
      'acme-britive-2',
    ],
  ])('give the profiles to the right session where the tenant is there by %s', async (_, sessions, name) => {
    const { settings, again } = await imported(
      { [configYaml]: `sessions: { ${sessions} }\n` },
      bctl('{ tenant: acme, profiles: { p: { britive_path: a/b/c } } }'),
    );
    expect(settings.profiles.get('p')).toMatchObject({ session: name });
    expect(isEmpty(again)).toBe(true);
  });
});
