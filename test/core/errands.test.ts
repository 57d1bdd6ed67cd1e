import { describe, expect, it } from 'vitest';
import type { CheckedOut } from '../../src/core/errand-upstream.ts';
import type { Offer } from '../../src/core/offers.ts';
import type { ProfileSettings, SessionSettings } from '../../src/core/settings.ts';
import { epoch } from '../../src/core/types.ts';
import { hours, settled } from '../support/fake-clock.ts';
import { ok, unauthorized } from '../support/fake-upstream.ts';
import { configured, offer, settingsOf } from '../support/offers.ts';
import { loginOptions, ssoProfile, type TestBrokerOptions, testBroker } from '../support/test-broker.ts';

const never = new AbortController().signal;
const admin = offer('admin', ['Cloud', 'Prod', 'Admin']);
const reader = offer('reader', ['Cloud', 'Prod', 'Reader']);
const mine = configured('mine', 'Cloud/Prod/Admin');

/** A tenant that offers what `offered` holds at the moment. */
async function tenantWorld(profiles: readonly ProfileSettings[], options: TestBrokerOptions = {}) {
  const tenant = { offered: [admin, reader] as readonly Offer[], recalled: 0, onRecall: () => {} };
  const { sessions } = settingsOf([]);
  const parts = await testBroker({
    stored: (upstream) => upstream.record(hours(8)),
    ...options,
    settings: { sessions, profiles: new Map(profiles.map((profile) => [profile.name, profile])) },
    errands: {
      offers: () => tenant.offered,
      recall: async () => {
        tenant.recalled += 1;
        tenant.onRecall();
        return { type: 'ok', value: undefined };
      },
      ...options.errands,
    },
  });
  return { ...parts, tenant, names: () => parts.broker.profiles().map(({ name }) => name) };
}

const checkedOut = (of: Offer, changes: Partial<CheckedOut> = {}): CheckedOut => ({
  ...{ id: of.id, path: of.path, access: 'programmatic', status: 'checkedOut', live: true },
  ...{ expiresAt: epoch(Date.parse('2026-11-21T13:00:00.700Z')), transaction: 'txn' },
  ...changes,
});

describe('the profiles of a tenant', () => {
  it('are what is configured and what its catalogue offers', async () => {
    const { broker } = await tenantWorld([mine]);
    expect(broker.profiles()).toMatchObject([
      { name: 'mine', implied: false, path: 'Cloud/Prod/Admin', kind: 'aws', state: 'empty' },
      { name: 'reader', implied: true, path: 'Cloud/Prod/Reader', kind: 'aws', state: 'empty' },
    ]);
  });

  it('are served like any other', async () => {
    const { broker, upstream, get } = await tenantWorld([]);
    get('reader');
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials(hours(1))));
    await settled();
    expect(broker.peek('reader')?.profile).toBe('reader');
  });

  it('follow the catalogue, but for what a client may still use', async () => {
    const { broker, upstream, get, tenant, names } = await tenantWorld([]);
    get('reader');
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials(hours(1))));
    await settled();
    tenant.offered = [];
    broker.reload();
    expect(names()).toEqual(['reader']);
    expect(broker.peek('reader')?.profile).toBe('reader');
  });

  it('end with the catalogue where nobody holds anything of them', async () => {
    const { broker, get, tenant, names } = await tenantWorld([]);
    const asked = get('reader');
    tenant.offered = [admin];
    broker.reload();
    await settled();
    expect(names()).toEqual(['admin']);
    expect(asked.outcome).toMatchObject({ code: 'ProfileNotFound' });
  });
});

describe('the catalogue', () => {
  it('says by which name each entry is checked out, and which configured profile serves it', async () => {
    const role = { accountId: null, accountName: 'Cloud/Prod', roleName: 'Admin' };
    const { broker } = await tenantWorld([mine, ssoProfile('reader', 'work')], {
      errands: { catalogue: async () => ok([admin, reader].map((each) => ({ ...role, offer: each }))) },
    });
    expect(await broker.errands.catalogue('acme', () => {}, never)).toEqual([
      { ...role, session: 'acme', path: 'Cloud/Prod/Admin', alias: 'admin', kind: 'aws', profile: 'mine' },
      { ...role, session: 'acme', path: 'Cloud/Prod/Reader', alias: 'acme.reader', kind: 'aws', profile: null },
    ]);
  });

  it('has no alias for an entry that means another profile', async () => {
    const role = { accountId: null, accountName: 'Cloud/Prod', roleName: 'Admin', offer: admin };
    const { broker } = await tenantWorld([mine, ssoProfile('admin', 'work')], {
      errands: { catalogue: async () => ok([role]) },
    });
    expect(await broker.errands.catalogue('acme', () => {}, never)).toMatchObject([
      { alias: 'acme.admin', profile: 'mine' },
    ]);
    expect(await broker.errands.match('acme.admin', never)).toMatchObject({
      exact: true,
      candidates: [{ name: 'mine' }],
    });
    expect(await broker.errands.match('admin', never)).toMatchObject({ exact: true, candidates: [{ name: 'admin' }] });
  });

  it('is looked into after a sign-in, and nobody waits for it', async () => {
    const { broker, upstream, tenant } = await tenantWorld([], { stored: () => null });
    const signedIn = broker.login('acme', loginOptions());
    await settled();
    expect(tenant.recalled).toBe(0);
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(hours(8)), lifetimeMs: hours(8) });
    await signedIn;
    await settled();
    expect(tenant.recalled).toBe(1);
  });
});

describe('what is checked out', () => {
  it('bears the name of the profile that serves it', async () => {
    const gone = offer('gone', ['Cloud', 'Old', 'Admin']);
    const rows = [
      checkedOut(admin),
      checkedOut(reader, { access: 'console', expiresAt: null }),
      checkedOut(gone, { path: null }),
    ];
    const { broker } = await tenantWorld([mine], { errands: { checkouts: async () => ok(rows) } });
    const shown = { session: 'acme', status: 'checkedOut', live: true, transaction: 'txn' };
    const expiresAt = '2026-11-21T13:00:00Z';
    expect(await broker.errands.checkouts('acme', never)).toEqual([
      { ...shown, id: admin.id, profile: 'mine', path: admin.path, access: 'programmatic', expiresAt },
      { ...shown, id: reader.id, profile: 'reader', path: reader.path, access: 'console', expiresAt: null },
      { ...shown, id: gone.id, profile: null, path: null, access: 'programmatic', expiresAt },
    ]);
  });

  it('bears the name that it has in its own session', async () => {
    const offers = ({ name }: SessionSettings) => [name === 'acme' ? admin : { ...admin, alias: `${name}.admin` }];
    const checkouts = async () => ok([checkedOut(admin)]);
    const { broker } = await tenantWorld([], { errands: { offers, checkouts } });
    broker.reload({ ...settingsOf([], ['acme', 'corp']) });
    expect(await broker.errands.checkouts('acme', never)).toMatchObject([{ session: 'acme', profile: 'admin' }]);
    expect(await broker.errands.checkouts('corp', never)).toMatchObject([{ session: 'corp', profile: 'corp.admin' }]);
  });

  it('is not asked for where that takes a sign-in, and opens no window', async () => {
    const { broker, upstream } = await tenantWorld([], { stored: () => null });
    await expect(broker.errands.checkouts('acme', never)).rejects.toMatchObject({
      code: 'LoginRequired',
      message: 'Not signed in to "acme". Run: credbroker login acme',
    });
    expect(upstream.logins).toHaveLength(0);
  });

  it('is given back by its transaction', async () => {
    const given: string[] = [];
    const { broker } = await tenantWorld([], {
      errands: {
        giveBack: async (_session, { transaction }) => {
          given.push(transaction);
          return transaction === 'txn-1' ? ok(undefined) : { type: 'denied', why: 'forbidden', detail: 'not yours' };
        },
      },
    });
    await broker.errands.giveBack('acme', 'txn-1', never);
    await expect(broker.errands.giveBack('acme', 'txn-2', never)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(given).toEqual(['txn-1', 'txn-2']);
  });

  it('is not said to be given back where its tenant knows nothing of it', async () => {
    const { broker } = await tenantWorld([]);
    await expect(broker.errands.giveBack('acme', '..', never)).rejects.toMatchObject({
      code: 'NotFound',
      message: 'Session "acme" has no such checkout. Run: credbroker status',
    });
  });
});

describe('a name', () => {
  const match = (text: string, { broker }: Awaited<ReturnType<typeof tenantWorld>>) =>
    broker.errands.match(text, never);

  it('that is known in full asks nobody', async () => {
    const world = await tenantWorld([mine]);
    expect(await match('admin', world)).toEqual({
      exact: true,
      candidates: [{ name: 'mine', path: 'Cloud/Prod/Admin' }],
    });
    expect(world.tenant.recalled).toBe(0);
  });

  it('that is not known is looked for in what tenants offer by now', async () => {
    const world = await tenantWorld([]);
    world.tenant.offered = [];
    world.broker.reload();
    world.tenant.onRecall = () => {
      world.tenant.offered = [reader];
      world.broker.reload();
    };
    expect(await match('reader', world)).toMatchObject({ exact: true, candidates: [{ name: 'reader' }] });
    expect(world.tenant.recalled).toBe(1);
  });

  it('is looked for in what is known where a tenant cannot be asked', async () => {
    const world = await tenantWorld([], { stored: () => null });
    expect(await match('read', world)).toMatchObject({ exact: false, candidates: [{ name: 'reader' }] });
    expect(world.tenant.recalled).toBe(0);
  });
});

describe('a session that upstream refuses when it is asked for something', () => {
  /** The tenant refuses these tokens. */
  const refusing = async (refreshToken: string | null, answering = Promise.resolve()) => {
    const refused = new Set<string>();
    const parts = await tenantWorld([], {
      stored: (upstream) => upstream.record(hours(8), { refreshToken }),
      errands: {
        checkouts: async (_session, { record }) => {
          await answering;
          return refused.has(record.accessToken) ? unauthorized : ok([]);
        },
      },
    });
    const { accessToken = '' } = parts.store.stored ?? {};
    refused.add(accessToken);
    return parts;
  };

  it('is over for all, and opens no window', async () => {
    const { broker, upstream, sessionState } = await refusing(null);
    const asked = expect(broker.errands.checkouts('acme', never)).rejects.toMatchObject({
      code: 'LoginRequired',
      message: 'Session "acme" has expired. Run: credbroker login acme',
    });
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await asked;
    expect([sessionState(), upstream.logins.length]).toEqual(['login-required', 0]);
  });

  it('is asked once more with what a refresh brings', async () => {
    const { broker, upstream } = await refusing('refresh');
    const asked = broker.errands.checkouts('acme', never);
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(hours(8)), lifetimeMs: hours(8) }));
    expect(await asked).toEqual([]);
  });

  it('goes on where upstream takes its tokens all the same', async () => {
    const { broker, upstream, sessionState } = await refusing(null);
    const asked = expect(broker.errands.checkouts('acme', never)).rejects.toThrow(
      'Session "acme" was refused by acme.example. Run: credbroker login acme',
    );
    await settled();
    upstream.probes[0]?.answer(ok(undefined));
    await asked;
    expect(sessionState()).toBe('active');
  });

  it('is not the one that somebody has begun meanwhile', async () => {
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { broker, upstream, store, sessionState } = await refusing(null, late);
    const asked = broker.errands.checkouts('acme', never);
    await settled();
    store.overwrite(upstream.record(hours(9), { refreshToken: null }));
    await settled();
    answer();
    expect(await asked).toEqual([]);
    expect([upstream.probes.length, sessionState()]).toEqual([0, 'active']);
  });
});
