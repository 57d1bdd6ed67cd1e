import { describe, expect, it } from 'vitest';
import { matchProfiles } from '../../src/core/match-profiles.ts';
import type { Offer } from '../../src/core/offers.ts';
import type { ProfileSettings } from '../../src/core/settings.ts';
import { configured, offer, settingsOf } from '../support/offers.ts';
import { ssoProfile } from '../support/test-broker.ts';

const implied = (of: Offer): ProfileSettings => ({ ...configured(of.alias, of.path), offer: of, implied: true });

const blue = offer('read-only', ['Prod Cloud', 'Blue', 'Read Only'], ['210987654321 (blue)', '210987654321']);
const green = offer('read-only-green', ['Prod Cloud', 'Green', 'Read Only']);
const odd = offer('a-b', ['A/B', 'C', 'D']);

const all = [
  { ...configured('mine', 'prod cloud/210987654321/Read Only'), offer: blue },
  { ...configured('unseen', 'Other App/Env/Profile'), offer: null },
  implied(green),
  implied(odd),
  ssoProfile('Dev', 'work'),
  ssoProfile('DEV-2', 'work'),
];

const found = (text: string, profiles: readonly ProfileSettings[] = all) => {
  const { exact, candidates } = matchProfiles(settingsOf(profiles), text);
  return [exact, ...candidates.map(({ name }) => name)];
};

describe('what somebody typed', () => {
  it.each([
    ['mine', true, ['mine']],
    ['MINE', true, ['mine']],
    ['read-only', true, ['mine']],
    ['Prod Cloud/Blue/Read Only', true, ['mine']],
    ['prod cloud/210987654321/read only', true, ['mine']],
    ['Prod Cloud/210987654321 (Blue)/Read Only', true, ['mine']],
    ['other app/env/profile', true, ['unseen']],
    ['Prod Cloud/Green/Read Only', true, ['read-only-green']],
    ['A\\/B/C/D', true, ['a-b']],
    ['A/B/C/D', false, ['a-b']],
    ['dev', true, ['Dev']],
    ['green', false, ['read-only-green']],
    ['rdgrn', false, ['read-only-green']],
    ['prdcld', false, []],
    ['v-2', false, ['DEV-2']],
    ['clou', false, ['mine', 'read-only-green']],
    ['de', false, ['Dev', 'DEV-2']],
    ['Read', false, ['mine', 'read-only-green']],
    ['only', false, ['mine', 'read-only-green']],
    ['ev-', false, ['DEV-2']],
    ['zzz', false, []],
    ['  ', false, []],
    ['', false, []],
  ])('%j is exactly (%s) %j', (text, exact, names) => {
    expect(found(text)).toEqual([exact, ...names]);
  });

  it('is a name before it is one in other letters', () => {
    expect(found('dev', [...all, ssoProfile('dev', 'work')])).toEqual([true, 'dev']);
    expect(found('DEV', [...all, ssoProfile('dev', 'work')])).toEqual([true, 'Dev', 'dev']);
  });

  it('begins a name before it stands within one, and stands in a name before it stands in a path', () => {
    const names = ['cloud-dev', 'developer-staging', 'operator', 'nowhere'];
    const profiles = names.map((name) => implied(offer(name, ['Cloud', 'Development', `The ${name}`])));
    expect(found('dev', profiles)).toEqual([false, 'developer-staging', 'cloud-dev']);
    expect(found('development', profiles)).toEqual([false, ...names]);
    expect(found('nope', profiles)).toEqual([false]);
  });

  it('is a whole path before it is a part of one', () => {
    const longer = implied(offer('longer', ['Prod Cloud', 'Green', 'Read Only Too']));
    expect(found('Prod Cloud/Green/Read Only', [longer, ...all])).toEqual([true, 'read-only-green']);
  });

  it('is nothing that cannot be served', () => {
    const { name, region, description, origin } = ssoProfile('broken', 'work');
    const broken: ProfileSettings = {
      kind: 'unserved',
      name,
      region,
      description,
      origin,
      problem: 'no role',
      yields: false,
    };
    expect(found('broke', [broken])).toEqual([false]);
  });

  it('is answered with the path that a person knows it by', () => {
    const { candidates } = matchProfiles(settingsOf(all), 'only');
    expect(candidates).toEqual([
      { name: 'mine', path: 'prod cloud/210987654321/Read Only' },
      { name: 'read-only-green', path: 'Prod Cloud/Green/Read Only' },
    ]);
  });
});
