/** What the catalogues offer are profiles, too, without a line of configuration: what the files say comes first. */
import { leadsTo, type Offer } from './offers.ts';
import type {
  BritiveProfileSettings,
  ProfileSettings,
  ServedProfileSettings,
  SessionSettings,
  Settings,
} from './settings.ts';

export interface Catalogues {
  /** As last read; empty where nothing was. */
  readonly offers: (session: SessionSettings) => readonly Offer[];
  /** Profiles whose credentials are in use: an implied one among them stays although it is not offered any more. */
  readonly inUse: readonly ServedProfileSettings[];
}

type Profiles = Map<string, ProfileSettings>;

/** The settings of the files, and every offer as a profile. */
export function withCatalogue(settings: Settings, { offers, inUse }: Catalogues): Settings {
  const profiles: Profiles = new Map(settings.profiles);
  for (const session of settings.sessions.values()) {
    const offered = offers(session);
    const served = locate(profiles, session.name, offered);
    for (const offer of offered) if (!served.has(offer.id)) add(profiles, session, offer);
  }
  for (const profile of inUse) {
    const isImplied = profile.kind === 'britive' && profile.implied;
    if (isImplied && isFree(profiles, profile.name) && settings.sessions.has(profile.session)) {
      profiles.set(profile.name, profile);
    }
  }
  return { ...settings, profiles };
}

/** Finds what the configured profiles of a session stand for; answers with the ids of all that is served so. */
function locate(profiles: Profiles, session: string, offered: readonly Offer[]): ReadonlySet<string> {
  const served = new Set<string>();
  for (const [name, profile] of profiles) {
    if (profile.kind !== 'britive' || profile.session !== session) continue;
    const parts = [profile.application, profile.environment, profile.access] as const;
    const [found, ...others] = offered.filter(({ names }) => leadsTo(parts, names));
    // A path that leads to several leads nowhere.
    const offer = others.length === 0 ? (found ?? null) : null;
    profiles.set(name, { ...profile, offer });
    if (offer !== null) served.add(offer.id);
  }
  return served;
}

/** Under its alias, or with its session where the files have that; where they have both it has no name of its own. */
function add(profiles: Profiles, session: SessionSettings, offer: Offer): void {
  const name = [offer.alias, offer.qualified].find((each) => isFree(profiles, each));
  if (name === undefined) return;
  const [application, environment, access] = offer.parts;
  const implied: BritiveProfileSettings = {
    ...{ kind: 'britive', name, session: session.name, application, environment, access, offer, implied: true },
    ...{ region: profiles.get(name)?.region ?? null, description: null, origin: session.origin },
  };
  profiles.set(name, implied);
}

const isFree = (profiles: Profiles, name: string): boolean => {
  const taken = profiles.get(name);
  return taken === undefined || (taken.kind === 'unserved' && taken.yields);
};
