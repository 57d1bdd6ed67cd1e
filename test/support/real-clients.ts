/** AWS clients that nobody here wrote, each in a process of its own with nothing of the user's environment. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Emulator } from '../../src/emulator/index.ts';

export interface RealClient {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  /** The arguments that print the caller's identity as JSON, for a profile. */
  readonly identityOf: (profile: string) => readonly string[];
  /** Knows `AWS_ENDPOINT_URL_*`: botocore since 1.31, of July 2023. */
  readonly knowsEndpointVariables: boolean;
}

/** Version managers' shims read the user's home, which the tests take away; a command that needs it is none for us. */
const homeless = { PATH: process.env['PATH'], HOME: '/nonexistent' };

const pythonIdentity = `
import json, sys, botocore.session
sts = botocore.session.Session(profile=sys.argv[1]).create_client('sts')
answer = sts.get_caller_identity()
print(json.dumps({ 'Arn': answer['Arn'], 'Account': answer['Account'] }))
`;

const javaScriptIdentity = `
import { fromIni, fromSSO } from '@aws-sdk/credential-providers';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
const profile = process.argv[1];
const credentials = profile === 'deploy' ? fromIni({ profile }) : fromSSO({ profile });
const sts = new STSClient({ credentials });
const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
console.log(JSON.stringify({ Arn, Account }));
`;

export const javaScript: RealClient = {
  name: 'the JavaScript SDK',
  version: '3',
  command: process.execPath,
  identityOf: (profile) => ['--input-type=module', '--eval', javaScriptIdentity, profile],
  knowsEndpointVariables: true,
};

interface Python {
  readonly executable: string;
  readonly version: string;
}

/** The system's Python and the first one on the path, where they have botocore. */
const pythons: readonly Python[] = distinct(['/usr/bin/python3', 'python3'].flatMap(probePython));

export const botocores: readonly RealClient[] = pythons.map(({ executable, version }) => ({
  name: `botocore ${version}`,
  version,
  command: executable,
  identityOf: (profile) => ['-c', pythonIdentity, profile],
  knowsEndpointVariables: isAtLeast(version, [1, 31]),
}));

/** The AWS CLIs on the path and beside those Pythons, one of each version. */
export const clis: readonly RealClient[] = distinct(
  [...(process.env['PATH'] ?? '').split(delimiter), ...pythons.map(({ executable }) => dirname(executable))].flatMap(
    (folder) => probeCli(join(folder, 'aws')),
  ),
);

export interface Home {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A home directory whose `~/.aws` and variables lead to the emulator. */
export function homeFor(client: RealClient, emulator: Emulator, path: string): Home {
  mkdirSync(join(path, '.aws', 'sso', 'cache'), { recursive: true });
  writeFileSync(join(path, '.aws', 'config'), emulator.awsConfig());
  return homeIn(client, emulator, path);
}

/** The same for a home whose `~/.aws` somebody else has furnished. */
export function homeIn(client: RealClient, emulator: Emulator, path: string): Home {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: path,
    AWS_CONFIG_FILE: join(path, '.aws', 'config'),
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...emulator.environment,
  };
  return { path, env: client.knowsEndpointVariables ? env : { ...env, AWS_DATA_PATH: endpointRules(emulator, path) } };
}

/** Old botocore takes no endpoint from the environment, but it reads its endpoint rules from a folder of the user's first. */
function endpointRules(emulator: Emulator, home: string): string {
  const folder = join(home, 'models');
  const urls = {
    'sso-oidc/2019-06-10': emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC,
    'sso/2019-06-10': emulator.environment.AWS_ENDPOINT_URL_SSO,
    'sts/2011-06-15': emulator.environment.AWS_ENDPOINT_URL_STS,
    'eks/2017-11-01': emulator.environment.AWS_ENDPOINT_URL_EKS,
  };
  for (const [service, url] of Object.entries(urls)) {
    mkdirSync(join(folder, service), { recursive: true });
    const rules = { version: '1.0', parameters: {}, rules: [{ conditions: [], endpoint: { url }, type: 'endpoint' }] };
    writeFileSync(join(folder, service, 'endpoint-rule-set-1.json'), JSON.stringify(rules));
  }
  return folder;
}

export type TokenFile = Readonly<Record<string, string>>;

export const tokenPath = (home: Home): string =>
  join(home.path, '.aws', 'sso', 'cache', `${createHash('sha1').update('emulated').digest('hex')}.json`);

export const writeTokenFile = (home: Home, token: TokenFile): void =>
  writeFileSync(tokenPath(home), JSON.stringify(token), { mode: 0o600 });

export const readTokenFile = (home: Home): TokenFile => JSON.parse(readFileSync(tokenPath(home), 'utf8'));

/** Runs to the end and answers with the standard output. */
export async function run(command: string, args: readonly string[], home: Home): Promise<string> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(command, [...args], { env: home.env, cwd });
  return stdout;
}

function probePython(command: string): readonly Python[] {
  const script = 'import sys, botocore; print(sys.executable, botocore.__version__)';
  const [executable, version] = output(command, ['-c', script]).split(/\s/);
  return executable && version ? [{ executable, version }] : [];
}

function probeCli(command: string): readonly RealClient[] {
  const version = /^aws-cli\/(\d+\.\d+\.\d+)/.exec(output(command, ['--version'], { env: homeless }))?.[1];
  if (version === undefined) return [];
  const identityOf = (profile: string) => ['sts', 'get-caller-identity', '--profile', profile, '--output', 'json'];
  const knowsEndpointVariables = isAtLeast(version, version.startsWith('1.') ? [1, 29] : [2, 13]);
  return [{ name: `AWS CLI ${version}`, version, command, identityOf, knowsEndpointVariables }];
}

function output(command: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv } = {}): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...options });
  } catch {
    return '';
  }
}

export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function distinct<T extends { readonly version: string }>(found: readonly T[]): readonly T[] {
  return [...new Map(found.map((client) => [client.version, client])).values()];
}
