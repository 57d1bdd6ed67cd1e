/** What a tenant offers, used by name without a line of configuration, and what is checked out of it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../src/core/views.ts';
import { succeeded } from '../support/container-clients.ts';
import { freePort } from '../support/free-port.ts';
import { type Live, prepared } from '../support/live.ts';
import { TenantClient } from '../support/tenant-client.ts';

/** A browser whose person is signed in already: the tenant lets them through. */
const browser = 'await (await fetch(process.argv[2])).text();\n';

async function signedInWorld(profiles = ''): Promise<Live> {
  const world = await prepared({ knobs: { autoApprove: true }, port: await freePort() });
  const session = `{ provider: britive, baseUrl: "${world.emulator.britive.url}" }`;
  writeFileSync(world.configFile, `login: manual\nsessions: { acme: ${session} }\n${profiles}`);
  writeFileSync(join(world.home, 'browser.mjs'), browser);
  await world.start();
  const BROWSER = `"${process.execPath}" "${join(world.home, 'browser.mjs')}" %s`;
  succeeded(await world.cli(['login', 'acme'], { BROWSER }));
  return world;
}

const synced = async (world: Live): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = succeeded(await world.cli(['profiles', 'sync', '--session', 'acme', '--json']));
  const entries: readonly CatalogueEntry[] = JSON.parse(stdout);
  return new Map(entries.map(({ alias, path }) => [alias ?? '', path ?? '']));
};

const posts = ({ emulator }: Live): number => emulator.journal.calls('BritiveCheckout').length;

/** The table of the checkouts in the status. */
const table = async (world: Live): Promise<string> => {
  const { stdout } = succeeded(await world.cli(['status']));
  return `${stdout.split('\n\n').at(-2)}\n`;
};

const credentials = ({ home }: Live): string => readFileSync(join(home, '.aws', 'credentials'), 'utf8');

describe('a tenant without a line of configuration', () => {
  it('has everything it offers checked out by alias, listed and given back', async () => {
    const world = await signedInWorld();
    const { stdout } = succeeded(await world.cli(['profiles', 'sync', '--session', 'acme']));
    expect(stdout).toMatch(/^SESSION +ALIAS +PATH +KIND +PROFILE\n/);
    expect(stdout).toMatch(/\nacme +build +Cloud\/111122223333 \(Development\)\/Build +aws +-\n/);
    expect(await table(world)).toBe('No active checkouts\n');

    const out = succeeded(await world.cli(['checkout', 'build']));
    expect(out.stderr).toContain('Checked out build (expires in 4h)\n');
    expect(credentials(world)).toMatch(/^\[build\]\naws_access_key_id/);
    expect(await table(world)).toMatch(
      /^PROFILE +STATUS +EXPIRES +REMAINING\nbuild +checkedOut +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +3h 59m\n$/,
    );

    expect(succeeded(await world.cli(['checkin', '--all'])).stderr).toBe('Checked in build\n');
    expect(credentials(world)).toBe('');
    expect(readdirSync(join(world.home, 'state', 'checkouts'))).toEqual([]);
    const status = await table(world);
    expect(status).not.toContain('checkedOut');
  });

  it('has its aliases as soon as somebody has signed in', async () => {
    const world = await signedInWorld();
    const BUILD = ['checkout', 'Cloud/Development/Build', '-o', 'json'];
    expect(JSON.parse(succeeded(await world.cli(BUILD)).stdout)).toHaveProperty('accessKeyId');
    const { profiles } = await world.client.status();
    expect(profiles.find(({ name }) => name === 'build')).toMatchObject({ implied: true, state: 'fresh' });
  });

  it('keeps its aliases when it lists everything in another order', async () => {
    const world = await signedInWorld();
    const before = await synced(world);
    expect(before.size).toBeGreaterThan(10);
    const { knobs } = world.emulator.britive;
    knobs.applications = knobs.applications
      .map((one) => ({ ...one, profiles: [...one.profiles].reverse(), environments: [...one.environments].reverse() }))
      .reverse();
    expect(new Map([...(await synced(world))].toSorted())).toEqual(new Map([...before].toSorted()));
  });

  it('is used by the names that the last sync brought, also by a broker that starts again', async () => {
    const world = await signedInWorld();
    const [alias = ''] = [...(await synced(world))].find(([, path]) => path.endsWith('/Build')) ?? [];
    await world.daemon.kill('SIGTERM');
    await world.start();
    const reads = world.emulator.journal.calls('BritiveListAccess').length;
    expect((await world.ask(alias, await world.grant())).status).toBe(200);
    expect(world.emulator.journal.calls('BritiveListAccess').length).toBe(reads);
  });

  it('is not guessed at for a script', async () => {
    const world = await signedInWorld();
    const several = await world.cli(['checkout', 'develo']);
    expect(several.status).toBe(2);
    expect(several.stderr).toContain('No profile "develo". Did you mean one of');
    const single = await world.cli(['checkout', 'buil']);
    expect([single.status, single.stderr]).toEqual([2, expect.stringContaining('  build  Cloud/')]);
    expect(posts(world)).toBe(0);
  });
});

describe('a checkout that somebody made in a browser', () => {
  const elsewhere = async (world: Live): Promise<TenantClient> => {
    world.emulator.knobs.autoApprove = false;
    const other = await new TenantClient(world.emulator.britive).logIn();
    const target = other.target('Build');
    for (const accessType of ['PROGRAMMATIC', 'CONSOLE'] as const) await other.checkOut(target, {}, accessType);
    return other;
  };

  it('is listed, and given back with the profile that would serve it', async () => {
    const world = await signedInWorld('profiles:\n  mine: { session: acme, profile: Cloud/Development/Build }\n');
    await synced(world);
    await elsewhere(world);
    // It takes the tenant a moment.
    while (!/^mine +checkedOut .*\nmine \(console\) +checkedOut /m.test(await table(world)));
    expect(succeeded(await world.cli(['checkin', 'mine'])).stderr).toBe('Checked in mine and its console\n');
    expect(await table(world)).not.toContain('checkedOut');
    expect(existsSync(join(world.home, 'state', 'checkouts'))).toBe(false);
  });
});

describe('status', () => {
  it('says once that nobody is signed in, and asks the tenant nothing', async () => {
    const world = await signedInWorld();
    succeeded(await world.cli(['logout', 'acme']));
    const { stdout } = succeeded(await world.cli(['status']));
    expect(stdout.split('credbroker login acme')).toHaveLength(2);
    expect(stdout).not.toContain('No active checkouts');
  });
});
