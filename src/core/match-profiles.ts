/** Finds what somebody meant by a name, and says so when there is more than one: nothing is guessed here. */
import { joinPath, type PathParts, splitPath } from './britive-path.ts';
import { folded, leadsTo } from './offers.ts';
import type { ProfileSettings, ServedProfileSettings, Settings } from './settings.ts';
import type { MatchView } from './views.ts';

/** The name itself, another name or a path of it, a part of one, letters in that order: the first of these that finds anything. */
export function matchProfiles({ profiles }: Settings, text: string): MatchView {
  const wanted = folded(text);
  const served = wanted === '' ? [] : [...profiles.values()].filter(isServed);
  const parts = splitPath(text);
  const exact = [named(text), called(wanted, parts)];
  const near = [containing(wanted), spelling(wanted)];
  for (const fits of [...exact, ...near]) {
    const found = served.filter(fits);
    if (found.length > 0) return { exact: exact.includes(fits), candidates: found.map(candidate) };
  }
  return { exact: false, candidates: [] };
}

type Fits = (profile: ServedProfileSettings) => boolean;

const isServed = (profile: ProfileSettings): profile is ServedProfileSettings => profile.kind !== 'unserved';

const named =
  (text: string): Fits =>
  ({ name }) =>
    name === text;

const called =
  (wanted: string, parts: PathParts | null): Fits =>
  (profile) =>
    folded(profile.name) === wanted || isOffered(profile, wanted, parts);

/** Under the alias and the names that its catalogue has for it. */
function isOffered(profile: ServedProfileSettings, wanted: string, parts: PathParts | null): boolean {
  if (profile.kind !== 'britive') return false;
  const { offer } = profile;
  if (offer === null) return pathOf(profile)?.toLowerCase() === wanted;
  return folded(offer.alias) === wanted || (parts !== null && leadsTo(parts, offer.names));
}

const containing =
  (wanted: string): Fits =>
  (profile) =>
    texts(profile).some((text) => text.includes(wanted));

const spelling =
  (wanted: string): Fits =>
  (profile) =>
    texts(profile).some((text) => hasInOrder(text, wanted));

const texts = (profile: ServedProfileSettings): readonly string[] => {
  const offer = profile.kind === 'britive' ? profile.offer : null;
  return [profile.name, pathOf(profile) ?? '', offer?.alias ?? '', offer?.path ?? ''].map(folded);
};

function hasInOrder(text: string, letters: string): boolean {
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at < 0) return false;
    from = at + letter.length;
  }
  return true;
}

const candidate = (profile: ServedProfileSettings) => ({ name: profile.name, path: pathOf(profile) });

/** As the settings name it; null for a profile of a system that has no paths. */
export const pathOf = (profile: ProfileSettings): string | null => {
  if (profile.kind !== 'britive') return null;
  if (profile.implied && profile.offer !== null) return profile.offer.path;
  return joinPath([profile.application, profile.environment, profile.access]);
};
