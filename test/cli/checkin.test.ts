import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckoutView } from '../../src/core/checkout-views.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { issued, loginRouteOf, profile, session } from '../support/fake-daemon.ts';

const route = (name: string): string => `POST /v1/profiles/${name}/checkin`;

const credentialsFile = ({ home }: CliWorld): string => join(home, '.aws', 'credentials');
const credentials = (world: CliWorld): string => readFileSync(credentialsFile(world), 'utf8');
const states = ({ home }: CliWorld): readonly string[] => readdirSync(join(home, 'state', 'checkouts'));

/** With these profiles, all of them checked out. */
async function checkedOutWorld(...names: readonly string[]): Promise<CliWorld> {
  const world = await cliWorld();
  world.daemon.status = { ...world.daemon.status, profiles: names.map((name) => profile(name)) };
  for (const name of names) await world.cli(`checkout ${name}`);
  world.daemon.calls.length = 0;
  return world;
}

const nothingThere = { status: 200, body: { givenBack: false } };
const failing = { status: 503, body: { code: 'UpstreamUnavailable', message: 'The tenant cannot be reached' } };

describe('checkin', () => {
  it('tells the daemon, clears the section and forgets the checkout', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    expect(await world.cli('checkin dev')).toEqual({ status: 0, stdout: '', stderr: 'Checked in dev\n' });
    expect(world.daemon.routes()).toEqual(['GET /v1/status', route('dev')]);
    expect(credentials(world)).toMatch(/^\[prod\]\n/);
    expect(credentials(world)).not.toContain('[dev]');
    expect(states(world)).toEqual(['prod.json']);
  });

  it('makes the next checkout a real one', async () => {
    const world = await checkedOutWorld('dev');
    await world.cli('checkin dev');
    expect((await world.cli('checkout dev')).stderr).toBe('Checked out dev (expires in 1h)\n');
    expect(world.daemon.routes()).toContain('POST /v1/profiles/dev/issue');
  });

  it('leaves keys that others wrote since, and says so', async () => {
    const world = await checkedOutWorld('dev');
    const theirs = credentials(world).replace('ASIAEXAMPLE', 'AKIAANOTHER');
    writeFileSync(credentialsFile(world), theirs);
    expect(await world.cli('checkin dev')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'The section "dev" holds other keys by now and stays\nChecked in dev\n',
    });
    expect(credentials(world)).toBe(theirs);
    expect(states(world)).toEqual([]);
  });

  it('of what was checked out elsewhere touches no file', async () => {
    const world = await cliWorld();
    expect((await world.cli('checkin dev')).stderr).toBe('Checked in dev\n');
    expect(world.daemon.routes()).toEqual(['GET /v1/status', route('dev')]);
    expect(existsSync(credentialsFile(world))).toBe(false);
  });

  it('of what has ended meanwhile clears the section, and claims no more', async () => {
    const world = await checkedOutWorld('dev');
    world.daemon.answer(route('dev'), nothingThere);
    expect((await world.cli('checkin dev')).stderr).toBe('Cleared dev; nothing was left to give back\n');
    expect([credentials(world), states(world)]).toEqual(['', []]);
  });

  it('that upstream does not hear changes nothing here', async () => {
    const world = await checkedOutWorld('dev');
    const before = credentials(world);
    world.daemon.answer(route('dev'), failing);
    expect(await world.cli('checkin dev')).toEqual({
      status: 5,
      stdout: '',
      stderr: 'credbroker: The tenant cannot be reached\n',
    });
    expect(credentials(world)).toBe(before);
    expect(states(world)).toEqual(['dev.json']);
  });

  it('clears what a profile left that is not configured any more', async () => {
    const world = await checkedOutWorld('dev');
    world.daemon.status = { ...world.daemon.status, profiles: [] };
    const { status, stderr } = await world.cli('checkin dev');
    expect([status, stderr]).toEqual([0, 'Cleared dev, which is not served now and ends by itself\n']);
    expect(world.daemon.routes()).toEqual(['GET /v1/status']);
    expect([credentials(world), states(world)]).toEqual(['', []]);
  });

  it('of a profile that never was says so', async () => {
    const world = await cliWorld();
    const { status, stderr } = await world.cli('checkin dve');
    expect(status).toBe(2);
    expect(stderr).toContain('No profile "dve"');
  });

  it.each(['checkin', 'checkin dev --all'])('refuses "%s" before it asks anybody', async (words) => {
    const world = await checkedOutWorld('dev');
    expect(await world.cli(words)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: Give either a profile or --all\n',
    });
    expect(world.daemon.calls).toEqual([]);
  });
});

const give = (transaction: string): string => `POST /v1/sessions/acme/checkouts/${transaction}/checkin`;

const row = (transaction: string, changes: Partial<CheckoutView> = {}): CheckoutView => ({
  ...{ session: 'acme', profile: 'admin', id: 'pap/env', path: 'Cloud/Prod/Admin', access: 'programmatic' },
  ...{ status: 'checkedOut', live: true, expiresAt: '2026-11-21T16:00:00Z', transaction },
  ...changes,
});

const refusal = { session: 'acme', code: 'LoginRequired', message: 'Signed out of "acme". Run: credbroker login acme' };

/** `admin` is a profile of a tenant, which lists these rows. */
async function tenantWorld(...checkouts: readonly CheckoutView[]): Promise<CliWorld> {
  const world = await cliWorld();
  world.daemon.status = {
    ...world.daemon.status,
    sessions: [session('work'), session('acme', { provider: 'britive' })],
    profiles: [profile('admin', { session: 'acme', state: 'empty', expiresAt: null, implied: true })],
  };
  world.daemon.tenants = { checkouts, failures: [] };
  return world;
}

const changes = ({ daemon }: CliWorld): readonly string[] =>
  daemon.routes().filter((one) => !one.startsWith('GET ') && one !== 'POST /v1/checkouts');

describe('checkin of a profile that a tenant serves', () => {
  it('gives back what was checked out elsewhere, and its console', async () => {
    const world = await tenantWorld(
      row('browser'),
      row('console', { access: 'console' }),
      row('going', { live: false, status: 'checkInSubmitted' }),
      row('other', { profile: 'other' }),
      row('theirs', { session: 'b' }),
    );
    expect((await world.cli('checkin admin')).stderr).toBe('Checked in admin and its console\n');
    expect(changes(world)).toEqual([route('admin'), give('browser'), give('console')]);
  });

  it('names the console where that is all there was', async () => {
    const world = await tenantWorld(row('console', { access: 'console' }));
    world.daemon.answer(route('admin'), nothingThere);
    expect((await world.cli('checkin admin')).stderr).toBe('Checked in the console of admin\n');
  });

  it('claims nothing where nothing is checked out', async () => {
    const world = await tenantWorld(row('other', { profile: 'other' }));
    world.daemon.answer(route('admin'), nothingThere);
    const { status, stderr } = await world.cli('checkin admin');
    expect([status, stderr]).toEqual([0, 'admin is not checked out\n']);
  });

  it('asks no tenant for a profile of another system', async () => {
    const world = await tenantWorld(row('browser'));
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev')] };
    await world.cli('checkin dev');
    expect(world.daemon.routes()).toEqual(['GET /v1/status', route('dev')]);
  });

  it('of which nothing is known now fails, and clears nothing', async () => {
    const world = await tenantWorld();
    await world.cli('checkout admin');
    world.daemon.tenants = { checkouts: [], failures: [refusal] };
    const { status, stderr } = await world.cli('checkin admin');
    expect([status, stderr]).toEqual([3, `credbroker: ${refusal.message}\n`]);
    expect(states(world)).toEqual(['admin.json']);
  });

  it('signs in first where somebody sits at the keyboard', async () => {
    const world = await tenantWorld();
    world.daemon.tenants = { checkouts: [], failures: [refusal] };
    world.daemon.answer(loginRouteOf('acme'), { lines: [{ event: 'done', session: 'acme', expiresAt: null }] });
    world.daemon.onCall = () => {
      if (world.daemon.routes().at(-1) === loginRouteOf('acme')) {
        world.daemon.tenants = { checkouts: [row('browser')], failures: [] };
      }
    };
    const { status, stderr } = await world.cli('checkin admin', { tty: true });
    expect([status, stderr]).toEqual([0, expect.stringContaining('Checked in admin\n')]);
    expect(stderr).toMatch(/^Session expired -- re-authenticating\.\.\.\n/);
    expect(changes(world)).toEqual([route('admin'), loginRouteOf('acme'), give('browser')]);
  });

  it('gives back by its transaction what a profile left that is not configured any more', async () => {
    const world = await tenantWorld();
    world.daemon.answer('POST /v1/profiles/admin/issue', { lines: [{ ...issued, transaction: 'txn-1' }] });
    await world.cli('checkout admin');
    world.daemon.status = { ...world.daemon.status, profiles: [] };
    world.daemon.tenants = {
      checkouts: [row('txn-1', { profile: null }), row('txn-2', { profile: null })],
      failures: [],
    };
    world.daemon.calls.length = 0;
    expect((await world.cli('checkin admin')).stderr).toBe('Checked in admin\n');
    expect(changes(world)).toEqual([give('txn-1')]);
    expect([credentials(world), states(world)]).toEqual(['', []]);
  });
});

describe('checkin --all', () => {
  it('checks in everything that was checked out or is held, and nothing else', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    const others = [profile('held', { transaction: 'txn' }), profile('used'), profile('idle', { state: 'empty' })];
    world.daemon.status = { ...world.daemon.status, profiles: [...world.daemon.status.profiles, ...others] };
    expect(await world.cli('checkin --all')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Checked in dev\nChecked in prod\nChecked in held\n',
    });
    expect(world.daemon.routes()).toEqual(['GET /v1/status', route('dev'), route('prod'), route('held')]);
    expect([credentials(world), states(world)]).toEqual(['', []]);
  });

  it('gives back every live row of every tenant', async () => {
    const world = await tenantWorld(
      row('browser'),
      row('console', { access: 'console' }),
      row('unknown', { profile: null }),
      row('odd', { profile: null, path: null }),
      row('going', { live: false }),
    );
    expect(await world.cli('checkin --all')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Checked in admin\nChecked in the console of admin\nChecked in Cloud/Prod/Admin\nChecked in pap/env\n',
    });
    expect(changes(world)).toEqual([give('browser'), give('console'), give('unknown'), give('odd')]);
  });

  it('claims no more than was given back', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    const held = profile('held', { transaction: 'txn' });
    world.daemon.status = { ...world.daemon.status, profiles: [...world.daemon.status.profiles, held] };
    world.daemon.answer(route('dev'), nothingThere);
    world.daemon.answer(route('held'), nothingThere);
    expect((await world.cli('checkin --all')).stderr).toBe(
      'Cleared dev; nothing was left to give back\nChecked in prod\n',
    );
    expect(states(world)).toEqual([]);
  });

  it('goes on after a failure, and ends in status 1', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    world.daemon.answer(route('dev'), failing);
    expect(await world.cli('checkin --all')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'dev: The tenant cannot be reached\nChecked in prod\n' +
        'credbroker: Not everything could be checked in. Run: credbroker checkin --all\n',
    });
    expect(states(world)).toEqual(['dev.json']);
    expect(credentials(world)).toMatch(/^\[dev\]\n[^[]*$/);
  });

  it('goes on where a row is not taken back', async () => {
    const world = await tenantWorld(row('one'), row('two', { profile: null }));
    world.daemon.answer(give('one'), failing);
    const { status, stderr } = await world.cli('checkin --all');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^admin: The tenant cannot be reached\nChecked in Cloud\/Prod\/Admin\ncredbroker: /);
    expect(changes(world)).toEqual([give('one'), give('two')]);
  });

  it('keeps what belongs to a tenant that cannot be asked, and fails', async () => {
    const world = await tenantWorld();
    await world.cli('checkout admin');
    world.daemon.tenants = { checkouts: [], failures: [refusal] };
    const { status, stderr } = await world.cli('checkin --all');
    expect(status).toBe(1);
    expect(stderr).toContain(`acme: ${refusal.message}\n`);
    expect(stderr).not.toContain('Checked in');
    expect(states(world)).toEqual(['admin.json']);
  });

  it.each([
    ['signs in first where the session of a person at the keyboard has expired', {}, [loginRouteOf('acme'), give('a')]],
    ['signs nobody in who has signed out', { expiresAt: null }, []],
  ])('%s', async (_, of, expected) => {
    const world = await tenantWorld();
    world.daemon.status = {
      ...world.daemon.status,
      profiles: [],
      sessions: [session('acme', { provider: 'britive', ...of })],
    };
    world.daemon.tenants = { checkouts: [], failures: [refusal] };
    world.daemon.answer(loginRouteOf('acme'), { lines: [{ event: 'done', session: 'acme', expiresAt: null }] });
    world.daemon.onCall = () => {
      if (world.daemon.routes().at(-1) === loginRouteOf('acme')) {
        world.daemon.tenants = { checkouts: [row('a')], failures: [] };
      }
    };
    const { status } = await world.cli('checkin --all', { tty: true });
    expect([status, changes(world)]).toEqual([expected.length > 0 ? 0 : 1, expected]);
  });

  it('says so where nothing is checked out', async () => {
    const world = await tenantWorld();
    expect(await world.cli('checkin --all')).toEqual({ status: 0, stdout: '', stderr: 'Nothing is checked out\n' });
  });
});
