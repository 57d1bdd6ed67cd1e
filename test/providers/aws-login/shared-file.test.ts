import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Emulator } from '../../../src/emulator/index.ts';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { type LoginWorld, loginWorld } from '../../support/login-world.ts';
import { botocores, isAtLeast, javaScript } from '../../support/real-clients.ts';
import { loginSession } from '../../support/signin-client.ts';

/** Signed in on a clock that the programs of others agree with. */
async function signedIn(lifeMs: number): Promise<LoginWorld> {
  const world = await loginWorld({ loginCredentialsLifeMs: lifeMs });
  onTestFinished(() => assertMatchesModels(world.emulator.journal));
  world.clock.sleep(Date.now() - world.clock.now());
  await world.logIn('us-east-1', { theirs: { deep: [1] } });
  return world;
}

async function run(world: LoginWorld, command: string, args: readonly string[]): Promise<unknown> {
  const config = join(world.directory, 'config');
  writeFileSync(config, `[profile dev]\nlogin_session = ${loginSession}\nregion = us-east-1\n`);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: world.directory,
    AWS_CONFIG_FILE: config,
    AWS_LOGIN_CACHE_DIRECTORY: world.directory,
    AWS_ENDPOINT_URL_SIGNIN: endpoint(world.emulator),
  };
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const { stdout } = await promisify(execFile)(command, [...args], { env, cwd });
  return JSON.parse(stdout);
}

const endpoint = (emulator: Emulator) => emulator.endpointsOf('us-east-1').AWS_ENDPOINT_URL_SIGNIN;

/** As often as told; what it could not read or write is null. */
const script = `
import { fromLoginCredentials } from '@aws-sdk/credential-providers';
const read = () => fromLoginCredentials({ profile: 'dev' })();
const served = [];
for (let left = Number(process.argv[1]); left > 0; left--) served.push(await read().catch(() => null));
console.log(JSON.stringify(served.map((keys) => keys?.accessKeyId ?? null)));
`;

const ofJavaScript = (world: LoginWorld, times = 1): Promise<unknown> =>
  run(world, javaScript.command, ['--input-type=module', '--eval', script, String(times)]);

const pythonScript = `
import json, sys
from botocore.credentials import LoginCredentialFetcher
from botocore.utils import JSONFileCache, LoginTokenLoader, get_login_token_cache_directory
loader = LoginTokenLoader(JSONFileCache(get_login_token_cache_directory()))
found = LoginCredentialFetcher(sys.argv[1], loader, None).load_cached_credentials()
print(json.dumps(found))
`;

const accessKeyId = (world: LoginWorld) => (world.fields()['accessToken'] as { accessKeyId: string }).accessKeyId;

const renewed = async (world: LoginWorld) => {
  world.write({ ...world.fields(), accessToken: ended(world) });
  expect(await world.open()()).toMatchObject({ type: 'ok' });
};

const ended = (world: LoginWorld) => ({
  ...(world.fields()['accessToken'] as object),
  expiresAt: '2020-01-01T00:00:00Z',
});

describe('case 64: a file that we renewed', () => {
  it('serves the JavaScript SDK, which asks nobody', async () => {
    const world = await signedIn(minutes(15));
    await renewed(world);
    expect(await ofJavaScript(world)).toEqual([accessKeyId(world)]);
    expect(world.renewals()).toBe(1);
  });

  it('is renewed by the JavaScript SDK, and then by us again', async () => {
    const world = await signedIn(minutes(15));
    await renewed(world);
    world.write({ ...world.fields(), accessToken: ended(world) });
    expect(await ofJavaScript(world)).toEqual([accessKeyId(world)]);
    expect(world.renewals()).toBe(2);
    await renewed(world);
    expect(world.renewals()).toBe(3);
    expect(world.fields()).toMatchObject({ theirs: { deep: [1] } });
  });

  const reader = botocores.find(({ version }) => isAtLeast(version, [1, 41]));

  it.skipIf(reader === undefined)('serves botocore', async () => {
    const world = await signedIn(minutes(15));
    await renewed(world);
    const { accessToken } = world.fields() as { accessToken: Record<string, string> };
    expect(await run(world, reader?.command ?? '', ['-c', pythonScript, loginSession])).toEqual({
      access_key: accessToken['accessKeyId'],
      secret_key: accessToken['secretAccessKey'],
      token: accessToken['sessionToken'],
      account_id: accessToken['accountId'],
      expiry_time: accessToken['expiresAt'],
    });
  });
});

describe('case 67: a file that two other programs renew in place while we do', () => {
  it(
    'is whole and good in the end, and serves us all the time',
    async () => {
      // So short that everybody renews at every turn.
      const world = await signedIn(minutes(4));
      const others = Promise.all([ofJavaScript(world, 20), ofJavaScript(world, 20)]);
      let over = false;
      others.then(
        () => (over = true),
        () => (over = true),
      );
      const acquire = world.open();
      const verdicts = new Set<string>();
      while (!over) {
        verdicts.add((await acquire()).type);
        world.clock.sleep(Date.now() - world.clock.now());
      }
      const served = (await others).flat();
      expect(served.filter((id) => id !== null).length).toBeGreaterThan(20);
      expect([...verdicts]).toEqual(['ok']);
      expect(await acquire()).toMatchObject({ type: 'ok', value: { accessKeyId: accessKeyId(world) } });
      expect(world.fields()).toMatchObject({
        theirs: { deep: [1] },
        dpopKey: expect.stringContaining('EC PRIVATE KEY'),
      });
      expect(await ofJavaScript(world)).toEqual([accessKeyId(world)]);
    },
    seconds(60),
  );
});
