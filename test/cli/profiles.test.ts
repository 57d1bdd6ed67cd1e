import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../src/core/views.ts';
import { cliWorld } from '../support/cli-world.ts';
import { profile } from '../support/fake-daemon.ts';

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

  it('gives a script all of it', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer('POST /v1/profiles/sync', sync(role, offer('admin')));
    expect(JSON.parse((await cli('profiles sync --json')).stdout)).toEqual([role, offer('admin')]);
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
