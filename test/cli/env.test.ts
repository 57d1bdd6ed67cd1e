import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Shell, shellLines } from '../../src/cli/shell-text.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { profile } from '../support/fake-daemon.ts';
import { isInstalled, requireTool } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

const nasty = [
  'dev',
  "it's",
  'a b',
  '$(touch owned)`touch owned`',
  '"; touch owned; "',
  'back\\slash',
  '%41',
  'a/b/../c',
  'Prod Cloud/Blue/Read Only',
  'grün ✓ ‘’',
  '!history *?[a]{b,c}~',
  '#?&=+',
  '-n',
  'new\nline',
];

const tokenFileOf = ({ home }: CliWorld, name: string): string =>
  join(home, 'state', 'tokens', createHash('sha256').update(name).digest('hex'));

describe('env', () => {
  it('prints the variables of one profile, and nothing else', async () => {
    const world = await cliWorld();
    const { status, stdout, stderr } = await world.cli('env dev --shell sh');
    const token = readFileSync(tokenFileOf(world, 'dev'), 'utf8');
    expect(stdout).toBe(`export AWS_CONTAINER_CREDENTIALS_FULL_URI='http://127.0.0.1:9911/credentials/dev'
export AWS_CONTAINER_AUTHORIZATION_TOKEN='${token}'
export AWS_REGION='eu-west-1'
export AWS_DEFAULT_REGION='eu-west-1'
`);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('makes one grant for one profile and keeps its token to itself, without a newline', async () => {
    const world = await cliWorld();
    await world.cli('env dev');
    expect(world.daemon.calls.at(-1)?.body).toEqual({
      label: 'env:dev',
      kind: 'install',
      profiles: ['dev'],
      lifetimeMs: null,
    });
    const file = tokenFileOf(world, 'dev');
    expect(readFileSync(file, 'utf8')).toMatch(/^cb_[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(world.home, 'state', 'tokens')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(world.home, 'state', 'tokens'))).toHaveLength(1);
  });

  it('uses the grant again as long as the daemon knows it', async () => {
    const world = await cliWorld();
    const first = await world.cli('env dev');
    expect((await world.cli('env dev')).stdout).toBe(first.stdout);
    expect(world.daemon.grants).toHaveLength(1);
    world.daemon.grants.length = 0;
    expect((await world.cli('env dev')).stdout).not.toBe(first.stdout);
    expect(world.daemon.grants).toHaveLength(1);
  });

  it('makes a grant anew when the kept one is for something else', async () => {
    const world = await cliWorld();
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev'), profile('prod')] };
    await world.cli('env dev');
    writeFileSync(tokenFileOf(world, 'prod'), readFileSync(tokenFileOf(world, 'dev')));
    await world.cli('env prod');
    expect(world.daemon.grants.map(({ profiles }) => profiles)).toEqual([['dev'], ['prod']]);
  });

  it('leaves no half-written token behind', async () => {
    const world = await cliWorld();
    mkdirSync(tokenFileOf(world, 'dev'), { recursive: true });
    expect((await world.cli('env dev')).status).toBe(1);
    expect(readdirSync(join(world.home, 'state', 'tokens'))).toHaveLength(1);
  });

  it('names the file instead of the token with --token-file', async () => {
    const world = await cliWorld();
    const { stdout } = await world.cli('env dev --token-file --shell sh');
    expect(stdout).toContain(`export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE='${tokenFileOf(world, 'dev')}'\n`);
    expect(stdout).not.toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN=');
  });

  it('takes away what a shell has left of the other way', async () => {
    const { cli } = await cliWorld();
    const env = {
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/old',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'old',
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/old',
    };
    expect((await cli('env dev --shell sh', { env })).stdout).toMatch(
      /^unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI\nunset AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\nexport /,
    );
    expect((await cli('env dev --token-file --shell fish', { env })).stdout).toMatch(
      /^set -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI\nset -e AWS_CONTAINER_AUTHORIZATION_TOKEN\nset -gx /,
    );
  });

  it('prints no region where the profile has none', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [profile('dev', { region: null })] };
    expect((await cli('env dev')).stdout).not.toContain('REGION');
  });

  it('prints nothing when the daemon knows no such profile', async () => {
    const { daemon, cli } = await cliWorld();
    const stderr = 'credbroker: No profile "nope". Run: credbroker profiles\n';
    expect(await cli('env nope')).toEqual({ status: 2, stdout: '', stderr });
    expect(daemon.grants).toEqual([]);
  });

  it.each(['env Deb', 'exec de -- true'])('%s names the profile that was nearly named', async (words) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [profile('prod'), profile('dev')] };
    const name = words.split(' ')[1];
    const stderr = `credbroker: No profile "${name}", did you mean "dev". Run: credbroker profiles\n`;
    expect(await cli(words)).toEqual({ status: 2, stdout: '', stderr });
  });

  it.each(['env dev', 'exec dev -- true'])('%s refuses one that is not served in its own words', async (words) => {
    const { daemon, cli } = await cliWorld();
    const lastError = 'Profile "dev" has no "sso_role_name". Add it';
    daemon.status = { ...daemon.status, profiles: [profile('dev', { state: 'unserved', lastError })] };
    expect(await cli(words)).toEqual({ status: 2, stdout: '', stderr: `credbroker: ${lastError}\n` });
    expect(daemon.routes()).toEqual(['GET /v1/status']);
  });

  it.each(['bash', 'zsh'])('takes %s for a kind of sh', async (shell) => {
    const { cli } = await cliWorld();
    expect((await cli(`env dev --shell ${shell}`)).stdout).toBe((await cli('env dev --shell sh')).stdout);
  });

  it.each([
    ['AWS_ACCESS_KEY_ID', { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' }],
    ['AWS_PROFILE', { AWS_PROFILE: 'other' }],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', { AWS_ROLE_ARN: 'arn', AWS_WEB_IDENTITY_TOKEN_FILE: '/t' }],
  ])('warns when %s would win over the endpoint', async (name, env) => {
    const { cli } = await cliWorld();
    const { status, stderr } = await cli('env dev', { env });
    expect(stderr).toMatch(new RegExp(`^Warning: SDKs prefer .*${name}.*\\. Run: unset .*${name}.*\\n$`));
    expect(status).toBe(0);
  });

  it.each([
    [
      'keys in the credentials file',
      'credentials',
      '[default]\naws_access_key_id = A\naws_secret_access_key = B\n',
      true,
    ],
    ['keys in the config file', 'config', '[default]\naws_access_key_id = A\naws_secret_access_key = B\n', true],
    ['a session of its own', 'config', '[default]\nsso_session = work\n', true],
    ['a legacy start URL', 'config', '[default]\nsso_start_url = https://x\n', true],
    ['a default of a prefixed header', 'config', '[profile default]\nrole_arn = a\n', true],
    ['a default helper', 'config', '[default]\ncredential_process = x\n', true],
    ['a default web identity', 'config', '[default]\nweb_identity_token_file = x\n', true],
    ['a console sign-in', 'config', '[default]\nlogin_session = x\n', true],
    ['only a region', 'config', '[default]\nregion = eu-west-1\n', false],
    ['only other profiles', 'credentials', '[dev]\naws_access_key_id = A\n', false],
  ])('looks at %s', async (_, file, text, warned) => {
    const { cli, home } = await cliWorld();
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, '.aws', file), text);
    const warning = `Warning: SDKs prefer the [default] section of "${join(home, '.aws', file)}". Rename it, or use credbroker exec\n`;
    expect((await cli('env dev')).stderr).toBe(warned ? warning : '');
  });

  it('refuses a shell it does not know', async () => {
    const { cli } = await cliWorld();
    expect((await cli('env dev --shell tcsh')).status).toBe(2);
  });
});

describe.each(['sh', 'bash'])('what env prints, evaluated by a real %s', (shell) => {
  it.each(nasty)('carries the profile %j unharmed', async (name) => {
    const { cli, daemon } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [profile(name, { region: name })] };
    const { stdout } = await cli(['env', '--shell', 'sh', '--', name]);
    const cwd = tempDir();
    const script = 'eval "$1"; printf "%s\\0%s" "$AWS_CONTAINER_CREDENTIALS_FULL_URI" "$AWS_REGION"';
    const [url, region] = execFileSync(shell, ['-c', script, shell, stdout], { cwd, encoding: 'utf8' }).split('\0');
    expect(region).toBe(name);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9911\/credentials\/[\w.~%-]+$/);
    expect(decodeURIComponent(url?.split('/credentials/')[1] ?? '')).toBe(name);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('shell text', () => {
  const value = `it's "$x" \`y\` \\' \\ ‘typographic’ %z% \n end`;

  const survives = (shell: Shell, [program, print]: readonly [string, string]): void => {
    const script = `${shellLines(shell, { set: { X: value }, unset: [] })}${print}`;
    expect(execFileSync(program, ['-c', script], { encoding: 'utf8' })).toBe(value);
  };

  it('survives sh', () => survives('sh', ['sh', 'printf %s "$X"']));
  it('survives fish', (test) => survives('fish', [requireTool(test, 'fish'), 'printf %s "$X"']));
  // Debian has no package of PowerShell; what it reads is asserted below, to the letter.
  it.each(['pwsh'].filter(isInstalled))('survives %s', (pwsh) =>
    survives('powershell', [pwsh, '[Console]::Out.Write($env:X)']),
  );

  it('quotes for fish as its manual says: only the backslash and the quote are special', () => {
    expect(shellLines('fish', { set: { X: "a'b\\c$d" }, unset: [] })).toBe("set -gx X 'a\\'b\\\\c$d'\n");
  });

  it('doubles every kind of quote that PowerShell takes for one', () => {
    expect(shellLines('powershell', { set: { X: "a'b‘c’d$e`f" }, unset: [] })).toBe("$env:X = 'a''b‘‘c’’d$e`f'\n");
  });
});
