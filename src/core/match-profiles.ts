/** Finds what somebody meant by a name, and says so when there is more than one: nothing is guessed here. */
import { joinPath, type PathParts, splitPath } from './britive-path.ts';
import { folded, leadsTo, type Offer } from './offers.ts';
import type { ProfileSettings, ServedProfileSettings, Settings } from './settings.ts';
import type { MatchView } from './views.ts';

/**
 * The name itself, another name or a path of it, a part of a name, a part of a path, letters of a name in that order: the
 * first of these that finds anything. Names that begin with it come first.
 */
export function matchProfiles({ profiles }: Settings, text: string): MatchView {
  const wanted = folded(text);
  const served = wanted === '' ? [] : [...profiles.values()].filter(isServed);
  const parts = splitPath(text);
  const exact = [named(text), called(wanted, parts)];
  const near = [containing(namesOf, wanted), containing(pathsOf, unescaped(wanted)), spelling(wanted)];
  for (const fits of [...exact, ...near]) {
    const found = served.filter(fits);
    if (found.length === 0) continue;
    const isExact = exact.includes(fits);
    const ranked = isExact ? found : found.toSorted((one, other) => rankOf(one, wanted) - rankOf(other, wanted));
    return { exact: isExact, candidates: ranked.map(candidate) };
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
  const aliases = [offer.alias, offer.qualified].map(folded);
  return aliases.includes(wanted) || (parts !== null && leadsTo(parts, offer.names));
}

type Texts = (profile: ServedProfileSettings) => readonly string[];

const containing =
  (texts: Texts, wanted: string): Fits =>
  (profile) =>
    texts(profile).some((text) => text.includes(wanted));

/** Of names alone: a path is long enough to spell almost anything. */
const spelling =
  (wanted: string): Fits =>
  (profile) =>
    namesOf(profile).some((text) => hasInOrder(text, wanted));

const namesOf: Texts = (profile) => [profile.name, offerOf(profile)?.alias ?? ''].map(folded);

const pathsOf: Texts = (profile) =>
  [pathOf(profile) ?? '', offerOf(profile)?.path ?? ''].map((path) => unescaped(folded(path)));

/** A person may leave out what marks a slash within a name. */
const unescaped = (path: string): string => path.replaceAll('\\', '');

const offerOf = (profile: ServedProfileSettings): Offer | null => (profile.kind === 'britive' ? profile.offer : null);

const rankOf = (profile: ServedProfileSettings, wanted: string): number =>
  namesOf(profile).some((text) => text.startsWith(wanted)) ? 0 : 1;

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
