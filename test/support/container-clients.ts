/** The AWS clients of `real-clients.ts` as they look for credentials by themselves. */
import { dirname } from 'node:path';
import type { Emulator } from '../../src/emulator/index.ts';
import { type Ended, ranTo } from './program.ts';
import { botocores, clis, homeIn, isAtLeast, javaScript, type RealClient } from './real-clients.ts';
import { tempDir } from './temp-dir.ts';

interface Found {
  /** As botocore names it; `container-role` is ours. */
  readonly method: string;
  readonly accountId: string | null;
  /** Null where the client does not tell. */
  readonly keyId: string | null;
  /** Whom STS took the caller for. */
  readonly arn: string;
}

export interface ContainerClient {
  readonly name: string;
  readonly client: RealClient;
  /** Programs that end with status 0 and print a part of `Found` each, every one for one request. */
  readonly programs: readonly (readonly string[])[];
  /** Says of which account the container's credentials are: botocore since 1.35. */
  readonly knowsAccounts: boolean;
  readonly parse: (outputs: readonly string[]) => Found;
}

const python = `
import json, boto3
session = boto3.Session()
credentials = session.get_credentials()
frozen = credentials.get_frozen_credentials()
identity = session.client('sts').get_caller_identity()
account = getattr(credentials, 'account_id', None)
print(json.dumps({'method': credentials.method, 'accountId': account, 'keyId': frozen.access_key, 'arn': identity['Arn']}))
`;

const javaScriptWith = (provider: string): string => `
import { fromHttp, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
const credentials = await ${provider}()();
const sts = new STSClient({ credentials });
const { Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
const { accountId = null, accessKeyId: keyId, $source } = credentials;
const sources = { CREDENTIALS_HTTP: 'container-role', CREDENTIALS_PROFILE_PROCESS: 'custom-process', CREDENTIALS_PROCESS: 'custom-process' };
const method = Object.entries(sources).find(([name]) => name in $source)?.[1];
console.log(JSON.stringify({ method, accountId, keyId, arn }));
`;

const json = ([output = '']: readonly string[]): Found => JSON.parse(output);

const pythonClient = (client: RealClient): ContainerClient => ({
  name: client.name,
  client,
  programs: [[client.command, '-c', python]],
  knowsAccounts: isAtLeast(client.version, [1, 35]),
  parse: json,
});

const cliClient = (client: RealClient): ContainerClient => ({
  name: client.name,
  client,
  programs: [
    [client.command, 'sts', 'get-caller-identity', '--output', 'json'],
    [client.command, 'configure', 'list'],
  ],
  knowsAccounts: false,
  parse: ([identity = '', list = '']) => ({
    method: /access_key.*[*]{4}\w+[\s:]+([\w-]+)/.exec(list)?.[1] ?? list,
    accountId: null,
    keyId: null,
    arn: JSON.parse(identity).Arn,
  }),
});

const javaScriptClient = (provider: string): ContainerClient => ({
  name: `the JavaScript SDK's ${provider}`,
  client: javaScript,
  programs: [[process.execPath, '--input-type=module', '--eval', javaScriptWith(provider)]],
  knowsAccounts: false,
  parse: json,
});

/** Those that follow the default chain. */
export const chainClients: readonly ContainerClient[] = [
  ...botocores.map(pythonClient),
  ...clis.map(cliClient),
  javaScriptClient('fromNodeProviderChain'),
];

export const containerClients: readonly ContainerClient[] = [...chainClients, javaScriptClient('fromHttp')];

/** Of a client in a home of its own, where nothing leads to credentials. */
export const environmentOf = ({ client }: Pick<ContainerClient, 'client'>, emulator: Emulator): NodeJS.ProcessEnv => {
  const { AWS_CONFIG_FILE: _, ...env } = homeIn(client, emulator, tempDir()).env;
  return {
    ...env,
    // Debian's `aws` looks for its own Python first.
    PATH: `${dirname(client.command)}:${process.env['PATH']}`,
    // The SDK's word about old versions of Node is not about us.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
};

export interface Looked {
  readonly found: Found;
  readonly stderr: string;
  readonly requests: number;
}

/** Runs all its programs, one after the other. */
export async function look(client: ContainerClient, env: NodeJS.ProcessEnv): Promise<Looked> {
  const ends: Ended[] = [];
  for (const words of client.programs) ends.push(succeeded(await ranTo(words, env)));
  return {
    found: client.parse(ends.map(({ stdout }) => stdout)),
    stderr: ends.map(({ stderr }) => stderr).join(''),
    requests: client.programs.length,
  };
}

export function succeeded(ended: Ended): Ended {
  if (ended.status === 0) return ended;
  throw new Error(`It ended with ${ended.status ?? ended.signal}: ${ended.stdout}${ended.stderr}`);
}
