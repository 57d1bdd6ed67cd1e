/** Sessions and profiles taken from another Britive tool's files, with what could not be taken said in comments. */
import { stringify } from 'yaml';
import { isDots } from './names.ts';

export interface ImportedSession {
  readonly provider: 'britive';
  readonly tenant: string;
  readonly idp?: string;
}

export interface ImportedProfile {
  readonly session: string;
  /** `App/Env/Profile` with `\/` for a slash inside a name. */
  readonly profile: string;
  readonly region?: string;
}

export interface Imported {
  readonly sessions: ReadonlyMap<string, ImportedSession>;
  readonly profiles: ReadonlyMap<string, ImportedProfile>;
  /** One sentence each about what was left out, and what to do. */
  readonly notes: readonly string[];
}

/** Names that are in use already. */
export interface Taken {
  readonly sessions: ReadonlySet<string>;
  readonly profiles: ReadonlySet<string>;
}

/** All together; a name that is taken, or came earlier with other words, is noted and left out. */
export const mergeImports = (imports: readonly Imported[], taken: Taken): Imported => {
  const sessions = new Map<string, ImportedSession>();
  const profiles = new Map<string, ImportedProfile>();
  const notes = imports.flatMap((one) => [
    ...one.notes,
    ...added(sessions, one.sessions, { what: 'session', taken: taken.sessions }),
    ...added(profiles, one.profiles, { what: 'profile', taken: taken.profiles }),
  ]);
  return { sessions, profiles, notes };
};

/** The text of a `config.yaml`, or of what to put into one. */
export const importedYaml = ({ sessions, profiles, notes }: Imported): string => {
  const parts = [
    ...(sessions.size === 0 ? [] : [stringify({ sessions })]),
    ...(profiles.size === 0 ? [] : [stringify({ profiles }, { lineWidth: 0 })]),
  ];
  const comments = notes.map((note) => `# ${note.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')}\n`);
  return comments.join('') + parts.join('');
};

/** As people write it: a name, a host or a URL, in any case. Null for what can be no tenant. */
export const tenantOf = (text: string): string | null => {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/:].*$/, '')
    .replace(/\.britive-app\.com$/, '');
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) ? host : null;
};

/** The path in our spelling, or why it cannot be taken. Two parts are an application that is its own environment. */
export const pathOf = (path: string): { readonly path: string } | { readonly problem: string } => {
  const parts = path.trim().match(/(?:\\.|[^/\\]|\\$)+/g) ?? [];
  if (parts[0]?.toLowerCase() === 'resources') {
    return { problem: `"${path}" is a resource, and only applications are served` };
  }
  const isWhole = (parts.length === 2 || parts.length === 3) && parts.join('/') === path.trim();
  return isWhole
    ? { path: parts.join('/') }
    : { problem: `"${path}" is not App/Env/Profile, with "\\/" for a slash inside a name` };
};

/** A profile that can be taken, or a note. */
export const profileOf = (
  name: string,
  { session, path, region }: { readonly session: string; readonly path: string; readonly region: string },
): ImportedProfile | string => {
  if (name === '' || isDots(name)) return `Profile "${name}" was left out: a URL takes the name for a folder`;
  const found = pathOf(path);
  if ('problem' in found) return `Profile "${name}" was left out: ${found.problem}`;
  return { session, profile: found.path, ...(isRegion(region) ? { region } : {}) };
};

const isRegion = (text: string): boolean => /^[a-z]+(-[a-z0-9]+)+$/.test(text);

const added = <T>(
  into: Map<string, T>,
  from: ReadonlyMap<string, T>,
  { what, taken }: { readonly what: string; readonly taken: ReadonlySet<string> },
): readonly string[] =>
  [...from].flatMap(([name, value]) => {
    const earlier = into.get(name);
    if (taken.has(name)) return [`The ${what} "${name}" was left out: the name is taken. Rename one of the two`];
    if (earlier === undefined) into.set(name, value);
    if (earlier === undefined || JSON.stringify(earlier) === JSON.stringify(value)) return [];
    return [`A second ${what} "${name}" was left out. Add it under another name`];
  });
