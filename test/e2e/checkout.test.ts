/** `checkout` and `checkin` with the released program, the emulated Identity Center and tools that nobody here wrote. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { succeeded } from '../support/container-clients.ts';
import { type Live, live } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import { clis, homeIn, type RealClient } from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';

const identity = /assumed-role\/AWSReservedSSO_DeveloperAccess_[0-9a-f]{16}\/dev@example\.com$/;

/** As one that knows the credentials file alone. */
async function whoIs(client: RealClient, world: Live): Promise<string> {
  const empty = join(world.home, 'empty-config');
  writeFileSync(empty, '');
  const { env } = homeIn(client, world.emulator, world.home);
  const words = [client.command, ...client.identityOf('dev')];
  return JSON.parse(succeeded(await ranTo(words, { ...env, AWS_CONFIG_FILE: empty })).stdout).Arn;
}

const upstreamCalls = ({ emulator }: Live): number => emulator.journal.entries.length;

it('has the AWS CLI to prove it', (test) => {
  if (clis.length === 0) cannotRun(test, 'no AWS CLI found');
  expect(clis.length).toBeGreaterThan(0);
});

it.each(clis)('writes a section that $name uses, and checks it in again', async (client) => {
  const world = await live();
  const credentials = join(world.home, '.aws', 'credentials');
  expect(succeeded(await world.cli(['checkout', 'dev']))).toMatchObject({
    stdout: '',
    stderr: expect.stringMatching(/^Checked out dev \(expires in (1h|59m)\)\n$/),
  });
  expect(await whoIs(client, world)).toMatch(identity);

  expect(succeeded(await world.cli(['checkin', 'dev'])).stderr).toBe('Checked in dev\n');
  expect(readFileSync(credentials, 'utf8')).toBe('');
  expect(existsSync(join(world.home, 'state', 'checkouts', 'dev.json'))).toBe(false);
});

describe('checkout', () => {
  it('of what is fresh makes no upstream call, and with --force it does', async () => {
    const world = await live();
    await world.cli(['checkout', 'dev']);
    const before = upstreamCalls(world);
    const again = succeeded(await world.cli(['checkout', 'dev']));
    expect(again.stderr).toMatch(/^dev is already checked out \(expires in \d+m\)\n$/);
    expect(upstreamCalls(world)).toBe(before);

    const key = () =>
      /aws_access_key_id = (\w+)/.exec(readFileSync(join(world.home, '.aws', 'credentials'), 'utf8'))?.[1];
    const first = key();
    succeeded(await world.cli(['checkout', 'dev', '--force']));
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(2);
    expect(key()).not.toBe(first);
  });

  it('leaves the broker serving the profile as before, without a complaint', async () => {
    const world = await live();
    await world.cli(['checkout', 'dev']);
    expect(await world.client.reload()).toEqual([]);
    const printed = succeeded(await world.cli(['checkout', 'dev', '-o', 'process']));
    expect(JSON.parse(printed.stdout)).toMatchObject({ Version: 1, AccessKeyId: expect.stringMatching(/^ASIA/) });
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  });

  it('without a terminal ends in status 3 where a sign-in is needed', async () => {
    const world = await live({ signedIn: false });
    expect(await world.cli(['checkout', 'dev'])).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^credbroker: .*Run: credbroker login emulated\n$/),
    });
    expect(existsSync(join(world.home, '.aws', 'credentials'))).toBe(false);
  });
});
