/** Profiles that build on others or on helpers, served by the released program. */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerClients, environmentOf, look } from '../support/container-clients.ts';
import { type Live, live } from '../support/live.ts';

const [client] = containerClients.filter(({ name }) => name.startsWith('AWS CLI'));

/** Whom STS takes a program for that uses this profile through the broker. */
async function identityOf(world: Live, profile: string): Promise<unknown> {
  if (!client) throw new Error('No AWS CLI found');
  const env = { ...environmentOf(client, world.emulator), ...(await world.variables(profile)) };
  const { found, stderr } = await look(client, env);
  expect(stderr).toBe('');
  return found;
}

const awsConfig = (world: Live): string => join(world.home, '.aws', 'config');

describe('a role with a source profile', () => {
  it('is assumed with the credentials of the other, which are fetched once', async () => {
    const world = await live();
    expect(await identityOf(world, 'deploy')).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:sts::444455556666:assumed-role\/Deploy\//),
    });
    await identityOf(world, 'deploy');
    expect(world.emulator.journal.calls('AssumeRole')).toHaveLength(1);
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  });

  it('is gone with the session that it is made of', async () => {
    const world = await live();
    const token = await world.grant();
    expect((await world.ask('deploy', token)).status).toBe(200);
    await world.cli(['logout', 'emulated']);
    expect((await world.ask('deploy', token)).status).toBe(403);
  });
});

describe('a helper program of another tool', () => {
  it('is run once for everybody who asks', async () => {
    const world = await live();
    const [helper, runs] = [join(world.home, 'helper'), join(world.home, 'runs')];
    const document = {
      ...{ Version: 1, AccessKeyId: 'ASIAHELPER0000000001', SecretAccessKey: 'secret', SessionToken: 'token' },
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    };
    writeFileSync(helper, `#!/bin/sh\necho run >> "${runs}"\necho '${JSON.stringify(document)}'\n`);
    chmodSync(helper, 0o755);
    appendFileSync(awsConfig(world), `[profile helped]\ncredential_process = "${helper}"\n`);
    await world.client.reload();
    const token = await world.grant();
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.ask('helped', token)));
    expect(answers.map(({ status, body }) => [status, JSON.parse(body).AccessKeyId])).toEqual(
      Array.from({ length: 5 }, () => [200, 'ASIAHELPER0000000001']),
    );
    expect(readFileSync(runs, 'utf8')).toBe('run\n');
  });
});

describe('the console of a profile', () => {
  it('is opened for the credentials that programs get', async () => {
    const world = await live();
    const { stdout, status } = await world.cli(['console', 'dev', '--print-url']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/signin\/federation\?Action=login&/),
    ]);
    expect(world.logText()).not.toContain('SigninToken');
    const opened = await fetch(stdout.trim(), { redirect: 'manual' });
    expect(opened.headers.get('location')).toMatch(/^https:\/\/eu-central-1\.console\.aws\.amazon\.com\//);
  });
});
