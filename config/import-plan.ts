/**
 * What an import would add to the settings there are. A name that means something already is never taken: what is the
 * same is counted, what differs is listed with both values and left out.
 */
import { joinPath, splitPath } from '../src/core/britive-path.ts';
import type { Origin, ProfileSettings, Settings } from '../src/core/settings.ts';
import type { Conflict, Imported, ImportedProfile, ImportedSession, Planned } from './import-britive.ts';
import { SessionPlan } from './import-sessions.ts';

/** A session to sign in to, with a token where the tool had one. */
interface SignIn {
  readonly session: string;
  readonly byToken: boolean;
}

export interface ImportPlan {
  readonly sessions: ReadonlyMap<string, Planned<ImportedSession>>;
  readonly profiles: ReadonlyMap<string, Planned<ImportedProfile>>;
  readonly conflicts: readonly Conflict[];
  /** How many are there already, just so. */
  readonly present: { readonly sessions: number; readonly profiles: number };
  /** Those that are new. */
  readonly signIns: readonly SignIn[];
  readonly notes: readonly string[];
}

export const planImport = (imports: readonly Imported[], current: Settings): ImportPlan => {
  const sessions = new SessionPlan(current.sessions);
  const profiles = new Map<string, Planned<ImportedProfile>>();
  const conflicts: Conflict[] = [];
  const signIns = new Map<string, SignIn>();
  const present = new Set<string>();
  for (const imported of imports) {
    const { tool: from, hasApiToken: byToken } = imported;
    const names = new Map(
      [...imported.sessions].map(([name, value]) => [name, sessions.nameFor(name, { value, from })]),
    );
    for (const session of names.values()) if (!signIns.has(session)) signIns.set(session, { session, byToken });
    for (const [name, read] of imported.profiles) {
      const value = { ...read, session: names.get(read.session) ?? read.session };
      const kept = meaningOf(name, current.profiles, profiles);
      if (kept === null) profiles.set(name, { value, from });
      else if (!isSame(kept, value))
        conflicts.push({ kind: 'profile', name, kept: textOf(kept), left: textOf(targetOf(value)), from });
      else if (!profiles.has(name)) present.add(name);
    }
  }
  return {
    sessions: sessions.planned,
    profiles,
    conflicts: [...sessions.conflicts, ...conflicts],
    present: { sessions: sessions.present.size, profiles: present.size },
    signIns: [...signIns.values()].filter(({ session }) => sessions.planned.has(session)),
    notes: [...imports.flatMap(({ notes }) => notes), ...sessions.notes],
  };
};

interface Target {
  readonly what: string;
  readonly session: string;
  readonly region: string | null;
  /** Null for what is to be added. */
  readonly origin: Origin | null;
}

/** Null for a free name; one that stands in the AWS files and is not served is free too. */
const meaningOf = (
  name: string,
  current: ReadonlyMap<string, ProfileSettings>,
  planned: ReadonlyMap<string, Planned<ImportedProfile>>,
): Target | null => {
  const addition = planned.get(name);
  if (addition !== undefined) return targetOf(addition.value);
  const found = current.get(name);
  // One without a session is nothing that these tools could have meant.
  if (found?.kind !== 'sso' && found?.kind !== 'britive') return null;
  const { session, region, origin } = found;
  const what =
    found.kind === 'sso'
      ? `${found.accountId}/${found.roleName}`
      : joinPath([found.application, found.environment, found.access]);
  return { what, session, region, origin };
};

const targetOf = ({ profile, session, region }: ImportedProfile): Target => {
  const parts = splitPath(profile);
  return { what: parts === null ? profile : joinPath(parts), session, region: region ?? null, origin: null };
};

/** Britive's names are the same in upper and lower case. A region that the other tool does not name may be any. */
const isSame = (kept: Target, read: ImportedProfile): boolean => {
  const { what, session, region } = targetOf(read);
  return (
    kept.what.toLowerCase() === what.toLowerCase() &&
    kept.session === session &&
    (region === null || kept.region === region)
  );
};

const textOf = ({ what, session, region, origin }: Target): string => {
  const place = origin === null ? '' : ` (${origin.file}:${origin.line})`;
  return `"${what}" of session "${session}"${region === null ? '' : ` in ${region}`}${place}`;
};
