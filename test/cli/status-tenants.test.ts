import { describe, expect, it } from 'vitest';
import type { CheckoutView } from '../../src/core/checkout-views.ts';
import type { SessionView } from '../../src/core/views.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { profile, session } from '../support/fake-daemon.ts';

const row = (changes: Partial<CheckoutView> = {}): CheckoutView => ({
  ...{ session: 'acme', profile: 'aws-admin-prod', id: 'pap/env', path: 'Cloud/Prod/Admin', access: 'programmatic' },
  ...{ status: 'checkedOut', live: true, expiresAt: '2026-11-21T15:47:30Z', transaction: 'txn' },
  ...changes,
});

async function tenantWorld(...checkouts: readonly CheckoutView[]): Promise<CliWorld> {
  const world = await cliWorld();
  world.daemon.status = { ...world.daemon.status, sessions: [session('acme', { provider: 'britive' })] };
  world.daemon.tenants = { checkouts, failures: [] };
  return world;
}

/** What stands between what the daemon knows and the daemon itself. */
const below = (stdout: string): string =>
  stdout.replace(/^Sessions\n.*?\n\nProfiles\n.*?\n\n/s, '').replace(daemon, '');

const daemon = /(^|\n)Daemon .*\nTokens in keychain\n$/;

const asks = ({ daemon }: CliWorld): readonly string[] =>
  daemon.routes().filter((route) => route === 'POST /v1/checkouts');

describe('the checkouts that status shows', () => {
  it('are those of the tenants, with their end in UTC', async () => {
    const { cli } = await tenantWorld(
      row(),
      row({ access: 'console', expiresAt: '2026-11-21T12:09:00Z' }),
      row({ profile: null, status: 'checkOutInApproval', expiresAt: null }),
      row({ profile: null, path: null, expiresAt: '2026-11-21T11:59:00Z' }),
    );
    const { status, stdout, stderr } = await cli('status');
    expect(below(stdout)).toBe(`PROFILE                   STATUS              EXPIRES               REMAINING
aws-admin-prod            checkedOut          2026-11-21T15:47:30Z  3h 47m
aws-admin-prod (console)  checkedOut          2026-11-21T12:09:00Z  9m
Cloud/Prod/Admin          checkOutInApproval  ?                     ?
pap/env                   checkedOut          2026-11-21T11:59:00Z  expired
`);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('may be none', async () => {
    const { cli } = await tenantWorld();
    expect(below((await cli('status')).stdout)).toBe('No active checkouts\n');
  });

  it('stay unknown where a tenant cannot be asked, and why stands there', async () => {
    const world = await tenantWorld(row({ session: 'b' }));
    const message = 'Signed out of "acme". Run: credbroker login acme';
    world.daemon.tenants = { ...world.daemon.tenants, failures: [{ session: 'acme', code: 'LoginRequired', message }] };
    expect(below((await world.cli('status')).stdout)).toMatch(
      /^PROFILE .*\naws-admin-prod .*\nSession "acme" could not be asked: Signed out of "acme". Run: credbroker login acme\n$/,
    );
    world.daemon.tenants = { ...world.daemon.tenants, checkouts: [] };
    expect(below((await world.cli('status')).stdout)).toBe(`Session "acme" could not be asked: ${message}\n`);
  });

  it('leave a command whole that does not fit into the line', async () => {
    const world = await tenantWorld();
    const message = 'Session "acme" has expired. Run: credbroker login acme';
    world.daemon.tenants = { checkouts: [], failures: [{ session: 'acme', code: 'LoginRequired', message }] };
    const { stdout } = await world.cli('status', { tty: true, columns: 80, env: { NO_COLOR: '1' } });
    expect(stdout).toMatch(
      /could not be asked: Session "acme" has expired\.\n {2}Run: credbroker login acme\n\nDaemon /,
    );
  });

  it('keep nobody from seeing the rest', async () => {
    const world = await tenantWorld();
    world.daemon.answer('POST /v1/checkouts', {
      status: 404,
      body: { code: 'NotFound', message: 'This daemon does not know the request. Run: credbroker restart' },
    });
    const { status, stdout } = await world.cli('status');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^Sessions\n {2}✓ acme/)]);
    expect(below(stdout)).toMatch(/^Session "acme" could not be asked: This daemon does not know/);
  });

  it('are asked for with a deadline, and shown after the rest', async () => {
    const world = await tenantWorld();
    const seen: string[] = [];
    world.daemon.onCall = () => seen.push(world.daemon.routes().at(-1) ?? '');
    const written = (text: string) => seen.push(daemon.test(text) ? 'checkouts, daemon' : 'rest');
    await world.cli('status', { written });
    expect(world.daemon.calls.at(-1)?.body).toEqual({ waitMs: 4_000 });
    expect(seen.slice(-3)).toEqual(['rest', 'POST /v1/checkouts', 'checkouts, daemon']);
  });

  it.each<[string, Partial<SessionView>]>([
    ['has signed out', { state: 'signed-out' }],
    ['has never signed in', { state: 'login-required', expiresAt: null }],
  ])('are not asked for where the person %s, which is said already', async (_, changes) => {
    const world = await tenantWorld();
    world.daemon.status = {
      ...world.daemon.status,
      sessions: [session('acme', { provider: 'britive', ...changes })],
    };
    const { stdout } = await world.cli('status');
    expect([below(stdout), asks(world)]).toEqual(['', []]);
    const other = session('b', { provider: 'britive' });
    world.daemon.status = { ...world.daemon.status, sessions: [...world.daemon.status.sessions, other] };
    const message = 'Signed out of "acme". Run: credbroker login acme';
    const failures = [{ session: 'acme', code: 'LoginRequired', message }];
    world.daemon.tenants = { checkouts: [row({ session: 'b' })], failures };
    expect(below((await world.cli('status')).stdout)).toMatch(/^PROFILE .*\naws-admin-prod .*\n$/);
  });

  it('are asked for only where there is a tenant', async () => {
    const world = await cliWorld();
    await world.cli('status');
    expect(asks(world)).toEqual([]);
  });

  it('are asked for by no watch', async () => {
    const world = await tenantWorld(row());
    const written = () => world.daemon.close();
    await world.cli('status --watch', { written });
    expect(asks(world)).toEqual([]);
  });

  it('stand in --json beside the rest', async () => {
    const world = await tenantWorld(row());
    const failures = [{ session: 'b', code: 'UpstreamUnavailable', message: 'It did not answer in time' }];
    world.daemon.tenants = { ...world.daemon.tenants, failures };
    const { checkouts, checkoutFailures, sessions } = JSON.parse((await world.cli('status --json')).stdout);
    expect({ checkouts, checkoutFailures }).toEqual({ checkouts: [row()], checkoutFailures: failures });
    expect(sessions).toEqual(world.daemon.status.sessions);
  });
});

describe('profiles of a catalogue', () => {
  it('are shown by status once they are used', async () => {
    const world = await tenantWorld();
    const implied = { session: 'acme', state: 'empty', expiresAt: null, implied: true, asked: false } as const;
    world.daemon.status = {
      ...world.daemon.status,
      profiles: [
        profile('configured', { ...implied, implied: false }),
        profile('unused', implied),
        profile('refused', { ...implied, asked: true, lastError: 'No access' }),
        profile('held', { ...implied, state: 'fresh', asked: true }),
      ],
    };
    const { stdout } = await world.cli('status');
    expect(stdout.match(/configured|unused|refused|held(?= )/g)).toEqual(['configured', 'refused', 'held']);
    world.daemon.status = { ...world.daemon.status, profiles: [profile('unused', implied)] };
    expect((await world.cli('status')).stdout).toContain(
      'Profiles\n  none used yet. For what there is, run: credbroker profiles sync\n',
    );
  });
});
