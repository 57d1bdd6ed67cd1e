/** Conformance cases of the container credentials protocol (numbers in brackets) with the SDKs that people have. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credbroker } from '../support/built.ts';
import {
  type ContainerClient,
  chainClients,
  containerClients,
  environmentOf,
  look,
  succeeded,
} from '../support/container-clients.ts';
import { countingProxy } from '../support/counting-proxy.ts';
import { live, rolesLive } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import { botocores, isAtLeast, javaScript } from '../support/real-clients.ts';
import { cannotRun, requireTools } from '../support/required.ts';
import { pythonLoop, SigningLoop } from '../support/signing-loop.ts';
import { tempDir } from '../support/temp-dir.ts';

const identity =
  /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_DeveloperAccess_[0-9a-f]{16}\/dev@example\.com$/;

describe.each(['botocore', 'AWS CLI 1', 'AWS CLI 2'])('%s', (name) => {
  it('is here', (test) => {
    const found = containerClients.some((client) => client.name.startsWith(name));
    if (!found) cannotRun(test, `no ${name} found`);
    expect(found).toBe(true);
  });
});

describe.each(containerClients)('$name', (client) => {
  it('gets what STS accepts by the container variables, with one request and no word on stderr (55-57)', async () => {
    const world = await live();
    const env = { ...environmentOf(client, world.emulator), ...(await world.variables('dev')) };
    const { found, stderr, requests } = await look(client, env);
    expect(found).toMatchObject({
      method: 'container-role',
      accountId: client.knowsAccounts ? '111122223333' : null,
      arn: expect.stringMatching(identity),
    });
    expect(stderr).toBe('');
    expect(world.emulator.journal.calls('GetCallerIdentity').at(-1)?.answer?.status).toBe(200);
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
    expect(await world.visits()).toEqual({ served: requests, refused: 0 });
  });
});

describe.each(chainClients)('$name', (client) => {
  it('runs the line of credential_process from either file of ~/.aws (72)', async () => {
    const world = await live();
    for (const [file, section] of [
      ['config', 'profile dev-via-broker'],
      ['credentials', 'dev-via-broker'],
    ]) {
      const home = tempDir();
      mkdirSync(join(home, '.aws'));
      const line = `credential_process = ${credbroker().join(' ')} credential-process dev`;
      writeFileSync(join(home, '.aws', String(file)), `[${section}]\n${line}\n`);
      const env = {
        ...environmentOf(client, world.emulator),
        ...world.env,
        ...{
          HOME: home,
          AWS_PROFILE: 'dev-via-broker',
          AWS_REGION: 'eu-central-1',
          AWS_DEFAULT_REGION: 'eu-central-1',
        },
      };
      const { found, stderr } = await look(client, env);
      expect(found).toMatchObject({ method: 'custom-process', arn: expect.stringMatching(identity) });
      expect(stderr).toBe('');
    }
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  });
});

describe('credential-process', () => {
  it('asks upstream once although it is started twice at the same time (71)', async () => {
    const world = await live();
    // Both are under way before the first can have an answer.
    const held = world.emulator.faults.add('GetRoleCredentials', { kind: 'hold' });
    const both = [1, 2].map(() => world.cli(['credential-process', 'dev']));
    await world.emulator.journal.waitFor(({ operation }) => operation === 'GetRoleCredentials');
    held.release();
    const [one, other] = (await Promise.all(both)).map(succeeded);
    expect(one?.stdout).toMatch(/^\{"Version":1,.*\}\n$/);
    expect(other?.stdout).toBe(one?.stdout);
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  });

  it('is one line that a shell and a splitter of words read alike (73)', async (test) => {
    requireTools(test, ['sh', 'python3']);
    const line = `${credbroker().join(' ')} credential-process dev`;
    const env = { PATH: process.env['PATH'] };
    const shell = await ranTo(['sh', '-c', `printf '%s\\n' ${line}`], env);
    const shlex = await ranTo(
      ['python3', '-c', 'import shlex, sys; print(*shlex.split(sys.argv[1]), sep="\\n")', line],
      { ...process.env },
    );
    expect(shlex.stdout).toBe(shell.stdout);
    expect(shell.stdout.trim().split('\n')).toEqual([...credbroker(), 'credential-process', 'dev']);
  });

  it.each(botocores)('fails with one line on stderr, which $name shows (69)', async (client) => {
    const world = await live({ signedIn: false });
    const failed = await world.cli(['credential-process', 'dev']);
    expect(failed).toMatchObject({
      status: 3,
      stdout: '',
      stderr: 'credbroker: Not signed in to "emulated". Run: credbroker login emulated\n',
    });
    const home = tempDir();
    mkdirSync(join(home, '.aws'));
    const line = `credential_process = ${credbroker().join(' ')} credential-process dev`;
    writeFileSync(join(home, '.aws', 'config'), `[default]\n${line}\n`);
    const script = 'import boto3; boto3.Session().get_credentials().get_frozen_credentials()';
    const { status, stderr } = await ranTo([client.command, '-c', script], { ...world.env, HOME: home });
    expect(status).toBe(1);
    expect(stderr).toContain('Run: credbroker login emulated');
  });

  it('needs neither a home directory nor a terminal (70)', async () => {
    const world = await live();
    const { HOME: _, ...env } = world.env;
    const ended = await ranTo([...credbroker(), 'credential-process', 'dev'], env);
    expect(JSON.parse(succeeded(ended).stdout)).toMatchObject({ Version: 1, AccountId: '111122223333' });
    expect(Buffer.byteLength(ended.stdout)).toBeLessThan(8_000);
  });
});

/** Prints what `fromHttp` rejects with. */
const rejection = `
import { fromHttp } from '@aws-sdk/credential-providers';
await fromHttp({ maxRetries: 0 })().catch(({ message, Code, Message }) =>
  console.log(JSON.stringify({ message, Code, Message })));
`;

describe("the JavaScript SDK's fromHttp", () => {
  const rejected = async (env: NodeJS.ProcessEnv) => {
    const ended = await ranTo([process.execPath, '--input-type=module', '--eval', rejection], env);
    return JSON.parse(succeeded(ended).stdout);
  };

  it('rejects with our code and our words on a 403 (50)', async () => {
    const world = await live({ signedIn: false });
    const env = { ...environmentOf({ client: javaScript }, world.emulator), ...(await world.variables('dev')) };
    expect(await rejected(env)).toMatchObject({
      Code: 'LoginRequired',
      Message: 'Not signed in to "emulated". Run: credbroker login emulated',
    });
    expect(await rejected({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'wrong' })).toMatchObject({
      Code: 'Unauthorized',
      Message: 'The grant in "Authorization" is not valid. Run: credbroker env <profile>',
    });
  });

  it('hides our words on a 503, and the status shows them until it gets credentials (50)', async () => {
    const world = await live();
    const env = { ...environmentOf({ client: javaScript }, world.emulator), ...(await world.variables('dev')) };
    const outage = world.emulator.faults.add('GetRoleCredentials', { kind: 'status', status: 503 });
    expect(await rejected(env)).toEqual({ message: 'Server responded with status: 503' });
    const said = 'emulated.awsapps.com answered with an error of its own; it is asked again soon';
    expect((await world.client.status()).refusals).toEqual([
      { client: 'test', profile: 'dev', message: said, at: expect.any(String) },
    ]);
    outage.remove();
    await world.signIn();
    await world.client.checkout('dev', 'container');
    const token = String(env['AWS_CONTAINER_AUTHORIZATION_TOKEN']);
    expect((await world.ask('dev', token)).status).toBe(200);
    expect((await world.client.status()).refusals).toEqual([]);
  });
});

/** It asks three times and waits a second after each, which proves nothing more. */
const patientOnce = `
import boto3, botocore.utils
botocore.utils.ContainerMetadataFetcher.RETRY_ATTEMPTS = 1
botocore.utils.ContainerMetadataFetcher.SLEEP_TIME = 0
boto3.Session().get_credentials().get_frozen_credentials()
`;

describe.each(botocores)('$name', (client) => {
  it('shows our words on a 403 and on a 503 (50)', async () => {
    const world = await live({ signedIn: false });
    const env = { ...environmentOf({ client }, world.emulator), ...(await world.variables('dev')) };
    const words = [client.command, '-c', patientOnce];
    expect((await ranTo(words, env)).stderr).toContain('"message":"Not signed in to \\"emulated\\".');
    await world.signIn();
    world.emulator.faults.add('GetRoleCredentials', { kind: 'badGateway' });
    expect((await ranTo(words, env)).stderr).toContain('"code":"UpstreamUnavailable"');
  });
});

// Before 1.35 botocore reads the file once, or never.
describe.each(botocores.filter(({ version }) => isAtLeast(version, [1, 35])))('$name', (client) => {
  it('reads the token from a file, also when another has been moved in its place (65, 66)', async () => {
    // Credentials of a minute are asked for anew with each signature.
    const world = await live({ knobs: rolesLive(60_000) });
    const file = join(tempDir(), 'token');
    const place = (token: string): void => {
      writeFileSync(`${file}.new`, token, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    };
    const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '', ...variables } = await world.variables('dev');
    const [old] = await world.client.grants();
    place(token);
    const loop = new SigningLoop(pythonLoop(client.command), {
      ...environmentOf({ client }, world.emulator),
      ...variables,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    });
    await loop.signs(3);
    place(await world.grant());
    // A request that has read the old file may still be under way.
    await loop.signs(2);
    await world.client.revokeGrant(old?.id ?? '');
    await loop.signs(3);
    expect(loop.stderr).toBe('');
    expect((await world.visits()).refused).toBe(0);
  });
});

/** Older ones take the emulator's address from rules that their choice of a proxy does not know. */
const modern = ({ client }: ContainerClient): boolean => client.knowsEndpointVariables;

describe('with a proxy in the environment', () => {
  it.each(containerClients.filter(modern))('$name asks us directly (60)', async (client) => {
    const world = await live();
    const proxy = await countingProxy();
    const env = { ...environmentOf(client, world.emulator), ...(await world.variables('dev')), ...proxy.variables };
    // The exception is for STS alone; the endpoint that serves credentials has another name.
    const sts = {
      AWS_ENDPOINT_URL_STS: world.emulator.environment.AWS_ENDPOINT_URL_STS.replace('127.0.0.1', 'localhost'),
    };
    const { found } = await look(client, { ...env, ...sts, NO_PROXY: 'localhost', no_proxy: 'localhost' });
    expect(found.method).toBe('container-role');
    expect(proxy.connections()).toBe(0);
  });

  it.each(chainClients.filter(modern))('$name goes directly through "exec", whatever it asks here', async (client) => {
    const world = await live();
    const proxy = await countingProxy();
    const env = { ...environmentOf(client, world.emulator), ...world.env, ...proxy.variables };
    const programs = client.programs.map((words) => [...credbroker(), 'exec', 'dev', '--', ...words]);
    const { found, stderr } = await look({ ...client, programs }, env);
    expect(found).toMatchObject({ method: 'container-role', arn: expect.stringMatching(identity) });
    expect(stderr).toBe('');
    expect(proxy.connections()).toBe(0);
  });
});
