import { describe, expect, it } from 'vitest';
import { withCatalogue } from '../../src/core/implied-profiles.ts';
import type { Offer } from '../../src/core/offers.ts';
import type { ProfileSettings, ServedProfileSettings, Settings } from '../../src/core/settings.ts';
import { configured, offer, settingsOf } from '../support/offers.ts';
import { ssoProfile } from '../support/test-broker.ts';

const admin = offer('admin', ['Cloud', 'Prod', 'Admin'], ['prod (blue)']);
const reader = offer('reader', ['Cloud', 'Prod', 'Reader']);

const add = (
  settings: Settings,
  offered: Readonly<Record<string, readonly Offer[]>>,
  inUse: readonly ServedProfileSettings[] = [],
): Settings => withCatalogue(settings, { offers: ({ name }) => offered[name] ?? [], inUse });

const profilesOf = (settings: Settings): readonly ProfileSettings[] => [...settings.profiles.values()];

/** `name -> path`, and an exclamation mark for what stands in no file. */
const shown = (settings: Settings): readonly string[] =>
  profilesOf(settings).map((profile) => {
    if (profile.kind !== 'britive') return profile.name;
    return `${profile.name}${profile.implied ? '!' : ''} -> ${profile.offer?.path ?? 'nothing known'}`;
  });

const unserved = (name: string): ProfileSettings => {
  const { region, description, origin } = ssoProfile(name, 'work');
  return { kind: 'unserved', name, region, description, origin, problem: 'broken', yields: false };
};

describe('what a catalogue offers', () => {
  it('is a profile under its alias', () => {
    const settings = add(settingsOf([ssoProfile('dev', 'work')]), { acme: [admin, reader] });
    expect(shown(settings)).toEqual(['dev', 'admin! -> Cloud/Prod/Admin', 'reader! -> Cloud/Prod/Reader']);
    expect(settings.profiles.get('admin')).toMatchObject({
      ...{ session: 'acme', application: 'Cloud', environment: 'Prod', access: 'Admin', region: null },
    });
  });

  it('is no second profile where a configured one serves it, by any of its names', () => {
    const mine = configured('mine', 'cloud/Prod (Blue)/ADMIN');
    expect(shown(add(settingsOf([mine]), { acme: [admin] }))).toEqual(['mine -> Cloud/Prod/Admin']);
  });

  it('gives way to a configured profile that has its alias', () => {
    const settings = add(settingsOf([ssoProfile('admin', 'work')]), { acme: [admin] });
    expect(shown(settings)).toEqual(['admin', 'acme.admin! -> Cloud/Prod/Admin']);
    expect(settings.profiles.get('admin')).toMatchObject({ kind: 'sso' });
  });

  it('leaves its alias to nobody while a configured profile serves it', () => {
    const other = { ...reader, alias: 'corp.admin', qualified: 'corp.admin' };
    const settings = settingsOf([configured('mine', 'Cloud/Prod/Admin')], ['acme', 'corp']);
    expect(shown(add(settings, { acme: [admin], corp: [other] }))).toEqual([
      ...['mine -> Cloud/Prod/Admin', 'corp.admin! -> Cloud/Prod/Reader'],
    ]);
  });

  it('has no name that somebody else has', () => {
    const taken = settingsOf([ssoProfile('admin', 'work'), ssoProfile('acme.admin', 'work')]);
    expect(shown(add(taken, { acme: [admin] }))).toEqual(['admin', 'acme.admin']);
  });

  it('of one session is not served by a profile of another', () => {
    const settings = settingsOf([configured('mine', 'Cloud/Prod/Admin', 'corp')], ['acme', 'corp']);
    expect(shown(add(settings, { acme: [admin] }))).toEqual(['mine -> nothing known', 'admin! -> Cloud/Prod/Admin']);
  });

  it('stays reachable where a configured path leads to several of it', () => {
    const other = offer('other', ['Cloud', 'Prod (Blue)', 'Admin']);
    const settings = add(settingsOf([configured('mine', 'Cloud/Prod (Blue)/Admin')]), { acme: [admin, other] });
    expect(shown(settings)).toEqual([
      ...['mine -> nothing known', 'admin! -> Cloud/Prod/Admin', 'other! -> Cloud/Prod (Blue)/Admin'],
    ]);
  });

  it('has its alias before a profile that has nothing of its own, and takes over its region', () => {
    const keys = { ...unserved('admin'), region: 'eu-west-1', yields: true };
    const settings = add(settingsOf([keys]), { acme: [admin] });
    expect(settings.profiles.get('admin')).toMatchObject({ kind: 'britive', implied: true, region: 'eu-west-1' });
  });

  it('does not take the place of a profile that is only broken', () => {
    expect(shown(add(settingsOf([unserved('admin')]), { acme: [admin] }))).toEqual([
      ...['admin', 'acme.admin! -> Cloud/Prod/Admin'],
    ]);
  });
});

describe('a profile whose credentials are in use', () => {
  const inUse = () => {
    const profile = add(settingsOf([]), { acme: [reader] }).profiles.get('reader');
    return profile?.kind === 'britive' ? profile : expect.unreachable();
  };

  it('stays although it is not offered any more', () => {
    expect(shown(add(settingsOf([]), {}, [inUse()]))).toEqual(['reader! -> Cloud/Prod/Reader']);
  });

  it('goes with its session, and for another that has its name', () => {
    expect(shown(add(settingsOf([], ['corp']), {}, [inUse()]))).toEqual([]);
    expect(shown(add(settingsOf([ssoProfile('reader', 'work')]), {}, [inUse()]))).toEqual(['reader']);
  });

  it('goes where the files have it no more', () => {
    expect(shown(add(settingsOf([]), {}, [configured('mine', 'Cloud/Prod/Admin')]))).toEqual([]);
  });
});
