import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCatalogue } from '../../../src/core/implied-profiles.ts';
import { matchProfiles } from '../../../src/core/match-profiles.ts';
import type { Offer } from '../../../src/core/offers.ts';
import type { ProfileSettings, Settings } from '../../../src/core/settings.ts';
import { Names, namesKey } from '../../../src/providers/britive/names.ts';
import type { CatalogueStore } from '../../../src/providers/britive/types.ts';
import { configured, offer, settingsOf } from '../../support/offers.ts';
import { never } from '../../support/sso-world.ts';
import { ssoProfile } from '../../support/test-broker.ts';
import { BritiveWorld, listing, okOf, origin, record, session } from './world.ts';

const memory = (stored: unknown = null): CatalogueStore & { stored: unknown } => ({
  stored,
  load(key) {
    return key === namesKey ? this.stored : null;
  },
  async save(_key, names) {
    this.stored = names;
  },
});

describe('a name', () => {
  const place = (id: string, tenant = 'acme') => ({ tenant, id });

  it('is its own for whoever came first, and has its session in it for the next', () => {
    const names = new Names(memory());
    expect(names.give('build', 'acme', place('a'))).toEqual({ alias: 'build', qualified: 'acme.build' });
    expect(names.give('build', 'acme2', place('a', 'acme2'))).toEqual({
      alias: 'acme2.build',
      qualified: 'acme2.build',
    });
  });

  it('stays with its place when the session leads to another tenant', () => {
    const names = new Names(memory());
    names.give('build', 'acme', place('a'));
    expect(names.give('build', 'acme', place('a', 'other'))).toEqual({
      alias: 'acme.build-2',
      qualified: 'acme.build-2',
    });
  });

  it('outlives the daemon, and is written once', async () => {
    const store = memory();
    const first = new Names(store);
    first.give('build', 'acme', place('a'));
    await first.save();
    const { stored } = store;
    store.stored = 'nothing was written';
    await first.save();
    expect(store.stored).toBe('nothing was written');
    expect(new Names(memory(stored)).give('build', 'acme2', place('b', 'acme2')).alias).toBe('acme2.build');
  });

  it.each([null, 'text', [], { build: 1 }])('is given anew where a file says %j', (stored) => {
    expect(new Names(memory(stored)).give('build', 'acme', place('a')).alias).toBe('build');
  });
});

describe('two sessions that offer the same names', () => {
  const acme2 = session({ name: 'acme2', baseUrl: 'https://acme2.britive-app.com' });
  const aliases = (world: BritiveWorld, of = session()) => world.britive.offers(of).map(({ alias }) => alias);

  it('share none, whichever is read first', async () => {
    const world = new BritiveWorld();
    world.stored = null;
    for (const settings of [acme2, session()]) {
      const { baseUrl } = settings;
      world.agent.get(baseUrl).intercept({ path: '/api/access?type=sdk' }).reply(200, listing);
      world.agent.get(baseUrl).intercept({ path: '/api/access?page=0&size=100' }).reply(404, '');
      const request = { record: record(world.clock), signal: never, fresh: true };
      okOf(await world.drive(world.britive.profiles(settings, request)));
    }
    expect(aliases(world, acme2)).toContain('viewer');
    expect(aliases(world)).toContain('acme.viewer');
    expect(world.names).toMatchObject({
      viewer: expect.stringContaining('acme2'),
      'acme.viewer': expect.stringContaining(origin),
    });
  });
});

const sessions = ['acme', 'corp', 'beta'];
const bare = ['build', 'admin', 'reader'];
const spoken = [...bare, ...sessions.flatMap((name) => bare.map((alias) => `${name}.${alias}`))];
const pathOf = (alias: string): string => `Cloud/Prod/${alias}`;

/** What the files have, and what each session of theirs offers, at one moment. */
const moment = fc.record({
  present: fc.shuffledSubarray(sessions),
  offered: fc.record(Object.fromEntries(sessions.map((name) => [name, fc.subarray(bare)]))),
  files: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('mine', ...spoken),
      serves: fc.option(fc.record({ session: fc.constantFrom(...sessions), alias: fc.constantFrom(...bare) })),
    }),
    { maxLength: 3, selector: ({ name }) => name },
  ),
  restarts: fc.boolean(),
});

type Moment = typeof moment extends fc.Arbitrary<infer T> ? T : never;

const inFiles = ({ files }: Moment): readonly ProfileSettings[] =>
  files.map(({ name, serves }) =>
    serves === null ? ssoProfile(name, 'work') : configured(name, pathOf(serves.alias), serves.session),
  );

const settingsAt = (at: Moment, names: Names): Settings => {
  const offers = (name: string): readonly Offer[] =>
    (at.offered[name] ?? []).map((alias) => {
      const one = offer(alias, ['Cloud', 'Prod', alias]);
      return { ...one, ...names.give(alias, name, { tenant: name, id: one.id }) };
    });
  return withCatalogue(settingsOf(inFiles(at), at.present), { offers: ({ name }) => offers(name), inUse: [] });
};

/** Where it leads, null for what stands in no catalogue. */
const placeOf = (profile: ProfileSettings | undefined): string | null =>
  profile?.kind === 'britive' && profile.offer !== null ? `${profile.session} ${profile.offer.id}` : null;

describe('a name that nobody configured', () => {
  it('leads to what it first led to, or nowhere, whatever sessions and profiles come and go', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 2, maxLength: 8 }), async (moments) => {
        const store = memory();
        let names = new Names(store);
        const led = new Map<string, string>();
        for (const at of moments) {
          if (at.restarts) names = new Names(store);
          const settings = settingsAt(at, names);
          await names.save();
          const own = new Set(at.files.map(({ name }) => name));
          for (const name of spoken.filter((each) => !own.has(each))) {
            const { exact, candidates } = matchProfiles(settings, name);
            const places = exact ? candidates.map((each) => placeOf(settings.profiles.get(each.name))) : [];
            for (const place of places) expect([name, place]).toEqual([name, led.get(name) ?? place]);
            for (const place of places) if (place !== null) led.set(name, place);
          }
        }
      }),
    );
  });
});
