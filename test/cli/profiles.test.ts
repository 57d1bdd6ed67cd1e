import { describe, expect, it } from 'vitest';
import type { CatalogueEntry, SessionView } from '../../src/core/views.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { loginRouteOf, profile, session } from '../support/fake-daemon.ts';

const role: CatalogueEntry = {
  ...{ session: 'work', accountId: '111122223333', accountName: 'Dev', roleName: 'Admin' },
  ...{ path: null, alias: null, kind: null, profile: 'dev' },
};

const offer = (alias: string, changes: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  ...{ session: 'acme', accountId: null, accountName: 'Cloud/Prod', roleName: 'Admin', profile: null },
  ...{ path: `Cloud/Prod/${alias}`, alias, kind: 'aws' },
  ...changes,
});

const sync = (...entries: readonly CatalogueEntry[]) => ({ lines: [{ event: 'entries', entries }] });

describe('profiles sync', () => {
  it('lists what a tenant offers by its alias, and which profile serves it', async () => {
    const { daemon, cli } = await cliWorld();
    const offers = [offer('vm', { kind: 'azure' }), offer('admin', { profile: 'prod-admin' })];
    daemon.answer('POST /v1/profiles/sync', sync(...offers));
    expect((await cli('profiles sync')).stdout).toBe(`SESSION  ALIAS  PATH              KIND   PROFILE
acme     admin  Cloud/Prod/admin  aws    prod-admin
acme     vm     Cloud/Prod/vm     azure  -
`);
  });

  it('has a table for each way of naming', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer('POST /v1/profiles/sync', sync(role, offer('admin')));
    expect((await cli('profiles sync')).stdout).toBe(`SESSION  ALIAS  PATH              KIND  PROFILE
acme     admin  Cloud/Prod/admin  aws   -

SESSION  ACCOUNT       NAME  ROLE   PROFILE
work     111122223333  Dev   Admin  dev
`);
  });

  it('fits into the terminal: what can be spared goes first, and the alias stays', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer(
      'POST /v1/profiles/sync',
      sync(offer('administrator-of-everything', { profile: 'prod-admin' }), role),
    );
    const shownAt = async (columns: number) => (await cli('profiles sync', { tty: true, columns })).stdout;
    for (const columns of [100, 80, 60, 40]) {
      const text = await shownAt(columns);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(text).toContain('administrator-of-everything');
    }
    const heads = async (columns: number) => (await shownAt(columns)).split('\n')[0]?.split(/ +/);
    expect(await heads(100)).toEqual(['SESSION', 'ALIAS', 'PATH', 'KIND', 'PROFILE']);
    expect(await heads(80)).toEqual(['ALIAS', 'PATH', 'PROFILE']);
    expect((await cli('profiles sync')).stdout).toContain('KIND');
  });

  it.each(['profiles sync acme', 'profiles sync --session acme'])(
    'asks the session that is named: %s',
    async (words) => {
      const { daemon, cli } = await cliWorld();
      daemon.answer('POST /v1/profiles/sync', sync());
      expect((await cli(words)).status).toBe(0);
      expect(daemon.calls.at(-1)?.body).toEqual({ session: 'acme' });
    },
  );

  it('takes one session once', async () => {
    const { cli } = await cliWorld();
    expect(await cli('profiles sync acme --session work')).toMatchObject({ status: 2 });
  });

  describe('where another session gives nothing', () => {
    const message = 'Not signed in to "other". Run: credbroker login other';
    const synced = async (other: Partial<SessionView>, words: string, offers = true) => {
      const { daemon, cli } = await cliWorld();
      daemon.status = { ...daemon.status, sessions: [session('acme'), session('other', other)] };
      const failed = { event: 'failed', session: 'other', code: 'LoginRequired', message };
      daemon.answer('POST /v1/profiles/sync', { lines: [failed, ...(offers ? sync(offer('admin')).lines : [])] });
      const { status, stdout, stderr } = await cli(words);
      return { status, stderr, isListed: stdout.includes('admin') };
    };
    const never = { state: 'login-required', expiresAt: null } as const;

    it.each<[string, Partial<SessionView>]>([
      ['never signed in', never],
      ['signed out', { state: 'signed-out' }],
    ])('says so, and succeeds, for one that was %s', async (_, other) => {
      expect(await synced(other, 'profiles sync')).toEqual({ status: 0, stderr: `${message}\n`, isListed: true });
    });

    it.each<[string, Partial<SessionView>, string, boolean]>([
      ['that has expired', { state: 'login-required', expiresAt: '2026-11-21T08:00:00Z' }, 'profiles sync', true],
      ['that is named', never, 'profiles sync other', false],
      ['beside which no other offers anything', never, 'profiles sync', false],
    ])('fails for one %s', async (_, other, words, offers) => {
      const expected = { status: 3, stderr: `credbroker: ${message}\n`, isListed: offers };
      expect(await synced(other, words, offers)).toEqual(expected);
    });
  });

  it('gives a script all of it', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer('POST /v1/profiles/sync', sync(role, offer('admin')));
    expect(JSON.parse((await cli('profiles sync --json')).stdout)).toEqual([role, offer('admin')]);
  });
});

describe('a sign-in that profiles sync needs', () => {
  const route = 'POST /v1/profiles/sync';
  const login = loginRouteOf('acme');
  const expired = (name: string) => session(name, { provider: 'britive', state: 'login-required' });

  async function expiredWorld(...sessions: readonly SessionView[]): Promise<CliWorld> {
    const world = await cliWorld();
    const { daemon } = world;
    daemon.status = { ...daemon.status, sessions };
    daemon.answer(route, {
      lines: [{ event: 'failed', code: 'LoginRequired', message: 'Session "acme" has expired' }],
    });
    daemon.answer(login, { lines: [{ event: 'done', session: 'acme', expiresAt: null }] });
    daemon.onCall = () => {
      if (daemon.routes().at(-1) === login) daemon.answer(route, sync(offer('admin')));
    };
    return world;
  }

  it.each([
    ['profiles sync', expired('acme')],
    ['profiles sync --session acme', session('acme', { state: 'signed-out', expiresAt: null })],
  ])('happens in the terminal, and the list is asked for again: %s', async (words, meant) => {
    const { cli, daemon } = await expiredWorld(session('work'), meant);
    const { status, stdout, stderr } = await cli(words, { tty: true });
    expect([status, stdout]).toEqual([0, expect.stringContaining('Cloud/Prod/admin')]);
    expect(stderr.includes('Session expired -- re-authenticating...\n')).toBe(meant.expiresAt !== null);
    expect(daemon.routes().filter((one) => one === login)).toHaveLength(1);
  });

  it.each<[string, boolean, readonly SessionView[]]>([
    ['nobody is there', false, [expired('acme')]],
    ['several have expired and none is named', true, [expired('acme'), expired('other')]],
    ['nobody named the one that was signed out', true, [session('acme', { state: 'signed-out', expiresAt: null })]],
  ])('is left to the person where %s', async (_, tty, sessions) => {
    const { cli, daemon } = await expiredWorld(...sessions);
    expect((await cli('profiles sync', { tty })).status).toBe(3);
    expect(daemon.routes()).not.toContain(login);
  });
});

describe('profiles', () => {
  it('counts what the catalogue has beside the configured ones', async () => {
    const { daemon, cli } = await cliWorld();
    const implied = ['a', 'b'].map((name) => profile(name, { implied: true }));
    daemon.status = { ...daemon.status, profiles: [profile('dev'), ...implied] };
    const { stdout, stderr } = await cli('profiles');
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stderr).toBe('2 profiles more in the catalogue. Run: credbroker profiles sync\n');
  });
});
