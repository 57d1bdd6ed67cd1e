import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { profile } from '../support/fake-daemon.ts';

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
    expect(world.daemon.routes()).toContain('POST /v1/profiles/dev/checkout');
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

describe('checkin --all', () => {
  it('checks in everything that was checked out, and nothing else', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    world.daemon.status = { ...world.daemon.status, profiles: [...world.daemon.status.profiles, profile('idle')] };
    expect(await world.cli('checkin --all')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Checked in dev\nChecked in prod\n',
    });
    expect(world.daemon.routes()).toEqual(['GET /v1/status', route('dev'), route('prod')]);
    expect([credentials(world), states(world)]).toEqual(['', []]);
  });

  it('goes on after a failure, and ends in status 1', async () => {
    const world = await checkedOutWorld('dev', 'prod');
    world.daemon.answer(route('dev'), failing);
    expect(await world.cli('checkin --all')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'dev: The tenant cannot be reached\nChecked in prod\n' +
        'credbroker: 1 profile could not be checked in. Run: credbroker checkin --all\n',
    });
    expect(states(world)).toEqual(['dev.json']);
    expect(credentials(world)).toMatch(/^\[dev\]\n[^[]*$/);
  });

  it('needs no daemon where nothing is checked out', async () => {
    const world = await cliWorld();
    expect(await world.cli('checkin --all')).toEqual({ status: 0, stdout: '', stderr: 'Nothing is checked out\n' });
    expect(world.daemon.calls).toEqual([]);
  });
});
