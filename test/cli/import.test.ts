import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { britiveFiles } from '../../config/import-paths.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';

interface ImportWorld extends CliWorld {
  readonly config: string;
  readonly put: (path: string, text: string) => string;
}

/** A home with these files in it. */
async function worldWith(files: Readonly<Record<string, string>> = {}): Promise<ImportWorld> {
  const world = await cliWorld();
  const put = (path: string, text: string): string => {
    const file = join(world.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  const config = join(world.home, 'credbroker', 'config.yaml');
  Object.assign(world.env, { CREDBROKER_CONFIG: config });
  return { ...world, config, put };
}

const bctl = `tenant: acme
default_region: us-east-1
auth: { method: browser }
profiles:
  dev: { britive_path: 'App\\/One/Env/Développeur', region: eu-west-1, eks_clusters: [blue] }
`;

const cache = JSON.stringify({
  tenant: 'acme',
  profiles: { 'aws-admin-prod': { BritivePath: 'Prod Cloud/Blue/Read Only', Cloud: 'aws' } },
});

const pybritive = `[global]
credential_backend=encrypted-file
[tenant-ea]
name=acme-ea
sso_idp=okta
[profile-aliases]
dev=other/env/admin
ops=other/env/ops
`;

const usual = {
  '.config/bctl/config.yaml': bctl,
  '.cache/bctl/profiles.json': cache,
  '.britive/pybritive.config': pybritive,
};

describe('import', () => {
  it('shows what it found where, asks once, writes and says how to go on', async () => {
    const { cli, home, config } = await worldWith({ ...usual, '.bctl/config.yaml': 'tenant: old\n' });
    expect(await cli('import', { tty: true, typed: 'y' })).toEqual({
      status: 0,
      stdout: '',
      stderr: `Found bctl: "${home}/.config/bctl/config.yaml" and "${home}/.cache/bctl/profiles.json"
  not read, for the one above counts: "${home}/.bctl/config.yaml"
Found pybritive: "${home}/.britive/pybritive.config"

For "${config}":
  SESSION  TENANT   IDP   FROM
  acme     acme           bctl
  ea       acme-ea  okta  pybritive

  PROFILE         SESSION  PATH                       REGION     FROM
  aws-admin-prod  acme     Prod Cloud/Blue/Read Only  us-east-1  bctl
  dev             acme     App\\/One/Env/Développeur   eu-west-1  bctl
  ops             ea       other/env/ops                         pybritive

What is different here:
  The clusters of "dev" are found anew. Run: credbroker eks connect
  credential_backend "encrypted-file" of [global] is chosen by the variable CREDBROKER_KEYRING_BACKEND here

Kept as they are; to have both, add these to "${config}" by another name:
  profile "dev" is "App\\/One/Env/Développeur" of session "acme" in eu-west-1; pybritive has "other/env/admin" of session "ea"

Add 2 sessions and 3 profiles? [y/N] Added 2 sessions and 3 profiles to "${config}"
Sign-ins are not taken over: sign in once, in the browser or with an API token (--token)
Run: credbroker login acme
Run: credbroker login ea
`,
    });
    expect(readFileSync(config, 'utf8')).toBe(`sessions:
  acme: { provider: britive, tenant: acme }
  ea: { provider: britive, tenant: acme-ea, idp: okta }

profiles:
  aws-admin-prod: { session: acme, profile: Prod Cloud/Blue/Read Only, region: us-east-1 }
  dev: { session: acme, profile: App\\/One/Env/Développeur, region: eu-west-1 }
  ops: { session: ea, profile: other/env/ops }
`);
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(config))).toEqual(['config.yaml']);
    expect((await cli('config check')).stderr).toContain('It has 2 sessions and 3 profiles');
  });

  it('changes nothing the second time and says so', async () => {
    const { cli, config } = await worldWith(usual);
    await cli('import --yes');
    const before = [readFileSync(config, 'utf8'), statSync(config).mtimeMs, statSync(config).ino];
    const { status, stderr } = await cli('import --yes');
    expect(status).toBe(0);
    expect(stderr).toContain('Already there: 2 sessions and 3 profiles\n');
    expect(stderr).toMatch(/\nThere is nothing to add\n$/);
    expect([readFileSync(config, 'utf8'), statSync(config).mtimeMs, statSync(config).ino]).toEqual(before);
  });

  it.each([
    ['a no', 'import', { tty: true, typed: 'n' }, 'Add 2 sessions and 3 profiles? [y/N] Nothing was added\n'],
    ['no answer', 'import', { tty: true, typed: '' }, 'Add 2 sessions and 3 profiles? [y/N] Nothing was added\n'],
    [
      'a dry run',
      'import --dry-run',
      { tty: true, typed: 'y' },
      'Nothing was added. To add 2 sessions and 3 profiles, run: credbroker import --yes\n',
    ],
    [
      'nobody to ask',
      'import bctl',
      { typed: 'y' },
      'Nothing was added, for nobody can be asked here. To add 1 session and 2 profiles, run: credbroker import bctl --yes\n',
    ],
  ])('writes nothing after %s', async (_, words, setting, end) => {
    const { cli, config } = await worldWith(usual);
    const { status, stderr } = await cli(words, setting);
    expect([status, stderr.endsWith(`\n\n${end}`)]).toEqual([0, true]);
    expect(() => statSync(config)).toThrow('ENOENT');
  });

  it('keeps the lines and the link of the file it adds to', async () => {
    const { cli, config, put } = await worldWith(usual);
    const before =
      '# mine\nlogin: manual      # for good\n\n\nsessions:\n    acme:   {provider: britive, tenant: acme}\n';
    const target = put('dotfiles/credbroker.yaml', before);
    mkdirSync(dirname(config));
    symlinkSync(target, config);
    expect((await cli('import bctl --yes')).stderr).toMatch(/Added 2 profiles to .*\nRun: credbroker profiles\n$/);
    expect(readFileSync(target, 'utf8').startsWith(`${before}\nprofiles:\n  aws-admin-prod: {`)).toBe(true);
  });

  it('prints what it did for scripts', async () => {
    const { cli, home, config } = await worldWith({ '.britive/pybritive.config': pybritive });
    const { stdout } = await cli('import pybritive --yes --json');
    expect(JSON.parse(stdout)).toEqual({
      config,
      written: true,
      found: [{ tool: 'pybritive', files: [`${home}/.britive/pybritive.config`], notRead: [] }],
      sessions: { ea: { provider: 'britive', tenant: 'acme-ea', idp: 'okta' } },
      profiles: {
        dev: { session: 'ea', profile: 'other/env/admin' },
        ops: { session: 'ea', profile: 'other/env/ops' },
      },
      present: { sessions: 0, profiles: 0 },
      conflicts: [],
      notes: [expect.stringContaining('credential_backend')],
      signIns: [{ session: 'ea', byToken: false }],
    });
  });

  it('asks for the API token where bctl had one', async () => {
    const { cli } = await worldWith({ '.config/bctl/config.yaml': bctl.replace('browser', 'token') });
    expect((await cli('import --yes')).stderr).toMatch(/\nRun: credbroker login acme --token\n$/);
  });

  it('prints no control characters of a name', async () => {
    const { cli, put } = await worldWith();
    const file = put(
      'b.yaml',
      JSON.stringify({ tenant: 'acme', profiles: { '\u001b[31mred': { britive_path: 'a/b/c' } } }),
    );
    expect((await cli(['import', 'bctl', '--from', file])).stderr).toContain('\n  [31mred  acme ');
  });

  it('looks for pybritive where PYBRITIVE_HOME_DIR says, and reads an empty file as none', async () => {
    const { cli, home } = await worldWith({
      'py/.britive/pybritive.config': pybritive,
      '.config/bctl/config.yaml': '\n',
    });
    const { stderr } = await cli('import', { env: { PYBRITIVE_HOME_DIR: join(home, 'py') } });
    expect(stderr).toMatch(new RegExp(`^Found pybritive: "${home}/py/.britive/pybritive.config"\n`));
    expect(stderr).not.toContain('bctl');
  });
});

describe('an import that cannot be', () => {
  it('names every place it looked at', async () => {
    const { cli, env } = await worldWith();
    const { bctlConfig, pybritive: places } = britiveFiles(env, process.platform);
    expect(await cli('import')).toEqual({
      status: 1,
      stdout: '',
      stderr: `credbroker: Neither bctl nor pybritive has a configuration here. Name it with --from, or keep it in one of:
${[...bctlConfig, ...places].map((place) => `  ${place}\n`).join('')}`,
    });
    expect((await cli('import pybritive')).stderr).toMatch(/^credbroker: pybritive has no configuration here\. /);
  });

  it.each([
    ['bctl', 'tenant: acme\nprofiles:\n  a: [\n', 4, 'This is not valid YAML: .*'],
    ['bctl', 'version: 2\ntenant: { name: acme }\n', 2, 'It names no Britive tenant such as "acme". Run: bctl init'],
    ['pybritive', '[tenant-a]\nname\n', 2, 'pybritive cannot read this line: .* Correct it first'],
  ])('says in one sentence what is wrong with a file of %s, and writes nothing', async (tool, text, line, message) => {
    const { cli, config, put } = await worldWith(usual);
    const file = put('file', text);
    const { status, stdout, stderr } = await cli(['import', tool, '--from', file, '--yes']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^credbroker: ${file}:${line}: ${message}\n$`));
    expect(() => statSync(config)).toThrow('ENOENT');
  });

  it.each([
    ['is huge', (file: string) => writeFileSync(file, 'a'.repeat(1024 * 1024 + 1)), 'The file is larger than 1 MiB'],
    ['is not UTF-8', (file: string) => writeFileSync(file, Uint8Array.of(0xff, 0xfe)), 'The file is not UTF-8'],
    ['is a directory', (file: string) => mkdirSync(file), 'It is no ordinary file'],
    ['is a loop of links', (file: string) => symlinkSync(file, file), 'The file cannot be read (ELOOP)'],
  ])('says so where the file %s', async (_, make, message) => {
    const { cli, home } = await worldWith();
    const file = join(home, '.config', 'bctl', 'config.yaml');
    mkdirSync(dirname(file), { recursive: true });
    make(file);
    const { status, stderr } = await cli('import --yes');
    expect(status).toBe(1);
    expect(stderr.startsWith(`credbroker: ${file}: ${message}`)).toBe(true);
  });

  it('leaves a config.yaml alone that is broken itself', async () => {
    const { cli, config, put } = await worldWith(usual);
    put('credbroker/config.yaml', 'login: perhaps\n');
    const { status, stderr } = await cli('import --yes');
    expect([status, stderr.startsWith(`credbroker: ${config}:1 login: It takes "on-demand"`)]).toEqual([2, true]);
    expect(readFileSync(config, 'utf8')).toBe('login: perhaps\n');
  });

  it('leaves a config.yaml alone that changes while the question is asked', async () => {
    const { cli, config, put } = await worldWith(usual);
    const { status, stderr } = await cli('import', {
      tty: true,
      typed: 'y',
      written: (text) => {
        if (text.endsWith('[y/N] '))
          put('credbroker/config.yaml', 'sessions:\n  acme: { provider: britive, tenant: b }\n');
      },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/config\.yaml has "acme" already\. Try again\n$/);
    expect(readFileSync(config, 'utf8')).toBe('sessions:\n  acme: { provider: britive, tenant: b }\n');
  });

  it.each([
    ['import --from x', 'Say whose file it is: credbroker import bctl --from x'],
    ['import --dry-run --yes', 'Give either --dry-run or --yes'],
    ['import bctl --from nowhere', 'The file "nowhere" is empty or not there. Check --from'],
  ])('answers "%s" with what to do', async (words, message) => {
    const { cli } = await worldWith();
    expect((await cli(words)).stderr).toBe(`credbroker: ${message}\n`);
  });
});
