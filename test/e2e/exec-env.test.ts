/** What lies on a machine and would win over the container variables, rows 1 to 9 of the survey of SDKs (case 64). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credbroker } from '../support/built.ts';
import { environmentOf, succeeded } from '../support/container-clients.ts';
import { type Live, live } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import { botocores, type RealClient } from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Row {
  readonly name: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly config: string;
  readonly credentials: string;
  /** What `env` warns of; null where nothing is in the way. */
  readonly warning: string | null;
}

const keys = 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\n';
const sso = 'sso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n';
const ssoRole = 'sso_account_id = 111122223333\nsso_role_name = Other\n';
const nothing = { variables: {}, config: '', credentials: '', warning: null };

const rows: readonly Row[] = [
  {
    ...nothing,
    name: 'keys in the environment',
    variables: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' },
    warning: 'AWS_ACCESS_KEY_ID',
  },
  {
    ...nothing,
    name: 'half a pair of keys in the environment',
    variables: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' },
    warning: 'AWS_ACCESS_KEY_ID',
  },
  { ...nothing, name: 'a default in the credentials file', credentials: `[default]\n${keys}`, warning: '[default]' },
  { ...nothing, name: 'a default with keys in the config file', config: `[default]\n${keys}`, warning: '[default]' },
  {
    ...nothing,
    name: 'a chosen profile with keys',
    variables: { AWS_PROFILE: 'foo' },
    credentials: `[foo]\n${keys}`,
    warning: 'AWS_PROFILE',
  },
  { ...nothing, name: 'a chosen profile that is missing', variables: { AWS_PROFILE: 'nope' }, warning: 'AWS_PROFILE' },
  {
    ...nothing,
    name: 'a chosen profile with a region alone',
    variables: { AWS_PROFILE: 'here' },
    config: '[profile here]\nregion = eu-west-1\n',
    warning: 'AWS_PROFILE',
  },
  { ...nothing, name: 'a default that signs in by SSO', config: `[default]\n${sso}${ssoRole}`, warning: '[default]' },
  {
    ...nothing,
    name: 'a web identity',
    variables: { AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/Other' },
    warning: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  },
  { ...nothing, name: 'nothing' },
];

const method = 'import boto3; c = boto3.Session().get_credentials(); c.get_frozen_credentials(); print(c.method)';

/** A shell on such a machine. The broker's own files are elsewhere. */
function shellOf(world: Live, client: RealClient, { variables, config, credentials }: Row): NodeJS.ProcessEnv {
  const home = tempDir();
  mkdirSync(join(home, '.aws'));
  writeFileSync(join(home, '.aws', 'config'), config);
  writeFileSync(join(home, '.aws', 'credentials'), credentials);
  return { ...environmentOf({ client }, world.emulator), ...world.env, HOME: home, ...variables };
}

describe.each(rows)('with $name', (row) => {
  it('"exec" leads the program to the broker, and "env" does or says what is in the way', async (test) => {
    const client = botocores.at(-1) ?? cannotRun(test, 'no botocore found');
    const world = await live();
    const shell = shellOf(world, client, row);
    const program = [client.command, '-c', method];
    const executed = succeeded(await ranTo([...credbroker(), 'exec', 'dev', '--', ...program], shell));
    expect(executed.stdout).toBe('container-role\n');
    expect(executed.stderr).toMatch(row.warning === '[default]' ? /^Hiding ~\/\.aws .*\[default\].*\n$/ : /^$/);

    const printed = succeeded(await ranTo([...credbroker(), 'env', 'dev'], shell));
    const inShell = async (before: string) => {
      const script = `${before}; eval "$1"; shift; exec "$@"`;
      return succeeded(await ranTo(['sh', '-c', script, 'sh', printed.stdout, ...program], shell)).stdout;
    };
    if (row.warning === null) {
      expect(printed.stderr).toBe('');
      expect(await inShell(':')).toBe('container-role\n');
    } else {
      expect(printed.stderr).toMatch(/^Warning: SDKs prefer .*\n$/);
      expect(printed.stderr).toContain(row.warning);
      // Where the warning has a command, that clears the way.
      const [, remedy = null] = /Run: (.*)\n$/.exec(printed.stderr) ?? [];
      if (row.warning !== '[default]') expect(await inShell(remedy ?? 'exit 1')).toBe('container-role\n');
    }
    expect((await world.visits()).refused).toBe(0);
  });
});
