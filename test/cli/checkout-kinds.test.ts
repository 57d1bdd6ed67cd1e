import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProfileView } from '../../src/core/views.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { issued, processDocument, profile, session } from '../support/fake-daemon.ts';

const route = 'POST /v1/profiles/dev/issue';
const path = 'Cloud/Development/Developer';
const expiresAt = '2026-11-21T16:00:00Z';
const keys = { kind: 'aws', accessKeyId: 'ASIAPAYLOADPAYLOAD12', secretAccessKey: 'secret', sessionToken: 'token' };
const azure = { kind: 'azure', tenantId: 't-1', appId: 'a-1', secretText: 's-1', cliLogin: null };

/** A profile of a tenant, and what a checkout of it yields. */
async function tenantWorld(kind: ProfileView['kind'], document: object = azure): Promise<CliWorld> {
  const world = await cliWorld();
  const own = { session: 'acme', accountId: null, roleName: 'Developer', path, kind, state: 'empty' as const };
  world.daemon.status = {
    ...world.daemon.status,
    sessions: [session('acme', { provider: 'britive', startUrl: 'https://acme.britive-app.com' })],
    profiles: [profile('dev', own)],
  };
  world.daemon.answer(route, { lines: [{ event: 'done', transaction: 'txn-1', expiresAt, document }] });
  return world;
}

const asked = ({ daemon }: CliWorld): readonly unknown[] =>
  daemon.calls.flatMap((call) => (call.route === route ? [(call.body as { as: string }).as] : []));
const stateFile = ({ home }: CliWorld): string => join(home, 'state', 'checkouts', 'dev.json');

describe('a profile of another cloud', () => {
  it.each(['json', 'env', 'fish', 'powershell'])('is printed as %s', async (format) => {
    const world = await tenantWorld('azure');
    const { status, stdout, stderr } = await world.cli(`checkout dev -o ${format}`);
    expect([status, stderr, asked(world)]).toEqual([0, '', ['payload']]);
    expect(stdout).toContain('t-1');
    expect(stdout).toContain(format === 'json' ? '"secretText": "s-1"' : 'AZURE_CLIENT_SECRET');
    expect(stdout).not.toContain('null');
  });

  it.each(['awscreds', 'process'])('is refused as %s without asking for it', async (format) => {
    const world = await tenantWorld('azure');
    expect(await world.cli(`checkout dev -o ${format}`)).toEqual({
      status: 2,
      stdout: '',
      stderr: `credbroker: Profile "dev" has no AWS credentials for "${format}". Run: credbroker checkout dev -o json\n`,
    });
    expect(asked(world)).toEqual([]);
    expect(existsSync(join(world.home, '.aws', 'credentials'))).toBe(false);
  });

  it('is refused in the same words where the refusal shows what it is', async () => {
    const world = await tenantWorld(null);
    const body = { code: 'AccessDenied', message: '"acme" denied access: "x" is Azure' };
    world.daemon.answer(route, { status: 403, body });
    world.daemon.onCall = () => {
      if (world.daemon.routes().at(-1) !== route) return;
      const { status } = world.daemon;
      world.daemon.status = { ...status, profiles: status.profiles.map((one) => ({ ...one, kind: 'azure' })) };
    };
    const { status, stderr } = await world.cli('checkout dev');
    expect([status, asked(world)]).toEqual([2, ['credentials']]);
    expect(stderr).toContain('Run: credbroker checkout dev -o json\n');
  });

  it('keeps the refusal that is about something else', async () => {
    const world = await tenantWorld(null);
    const body = { code: 'AccessDenied', message: '"acme" denied access: a policy denies access' };
    world.daemon.answer(route, { status: 403, body });
    expect(await world.cli('checkout dev')).toMatchObject({ status: 4, stderr: `credbroker: ${body.message}\n` });
  });

  it('prints the fields of a kind that nobody knows', async () => {
    const world = await tenantWorld('other', { kind: 'other', fields: { userName: 'u', password: 'p' } });
    expect(JSON.parse((await world.cli('checkout dev -o json')).stdout)).toEqual({ userName: 'u', password: 'p' });
  });

  it('that yields nothing is a failure', async () => {
    const world = await tenantWorld('other', { kind: 'other', fields: {} });
    expect(await world.cli('checkout dev -o json')).toMatchObject({ status: 5, stdout: '' });
  });
});

describe('a profile whose cloud is not known yet', () => {
  it.each([
    ['env', "export AWS_ACCESS_KEY_ID='ASIAPAYLOADPAYLOAD12'\n"],
    ['json', `"expiration": "${expiresAt}"`],
  ])('is asked for once for -o %s, and may be of AWS', async (format, text) => {
    const world = await tenantWorld(null, { ...keys, region: 'eu-central-1' });
    const { status, stdout } = await world.cli(`checkout dev -o ${format}`);
    expect([status, asked(world)]).toEqual([0, ['payload']]);
    expect(stdout).toContain(text);
  });

  it.each([
    [null, 'us-west-2'],
    ['eu-west-1', 'eu-west-1'],
  ])('has the region of the profile (%s), or else its own', async (region, expected) => {
    const world = await tenantWorld(null, { ...keys, region: 'us-west-2' });
    const { status } = world.daemon;
    world.daemon.status = { ...status, profiles: status.profiles.map((one) => ({ ...one, region })) };
    expect(JSON.parse((await world.cli('checkout dev -o json')).stdout)).toMatchObject({ region: expected });
  });

  it('is asked for as credentials where it must be of AWS', async () => {
    const world = await tenantWorld(null, processDocument);
    expect((await world.cli('checkout dev -o process')).status).toBe(0);
    expect((await world.cli('checkout dev')).status).toBe(0);
    expect(asked(world)).toEqual(['credentials', 'credentials']);
  });
});

describe('a profile of AWS in a tenant', () => {
  it('is asked for as credentials in every form', async () => {
    const world = await tenantWorld('aws', processDocument);
    for (const format of ['awscreds', 'env', 'json']) await world.cli(`checkout dev -o ${format}`);
    expect(asked(world)).toEqual(['credentials', 'credentials', 'credentials']);
  });

  it('is kept with its transaction and with where in which tenant it is', async () => {
    const world = await tenantWorld('aws', processDocument);
    await world.cli('checkout dev');
    const state = JSON.parse(readFileSync(stateFile(world), 'utf8'));
    expect(state).toMatchObject({ transactionId: 'txn-1', target: expect.stringContaining(path) });
    expect(state.target).toContain('https://acme.britive-app.com');
  });

  it.each<[string, Partial<ProfileView>, string]>([
    ['another path', { path: 'Cloud/Production/Developer' }, 'https://acme.britive-app.com'],
    ['the same path of another tenant', {}, 'https://other.britive-app.com'],
  ])('is not taken for one at %s, of the same name', async (_, changes, startUrl) => {
    const world = await tenantWorld('aws', { ...processDocument, Expiration: expiresAt });
    await world.cli('checkout dev');
    expect((await world.cli('checkout dev')).stderr).toContain('is already checked out');
    const { status } = world.daemon;
    const profiles = status.profiles.map((one) => ({ ...one, ...changes }));
    world.daemon.status = { ...status, profiles, sessions: [session('acme', { provider: 'britive', startUrl })] };
    expect((await world.cli('checkout dev')).stderr).toContain('Checked out dev');
    expect(asked(world)).toHaveLength(2);
  });
});

it('a profile of Identity Center is asked for as credentials in every form', async () => {
  const world = await cliWorld();
  world.daemon.answer(route, { lines: [issued] });
  for (const format of ['awscreds', 'env', 'json', 'process']) await world.cli(`checkout dev -o ${format}`);
  expect(asked(world)).toEqual(['credentials', 'credentials', 'credentials', 'credentials']);
});
