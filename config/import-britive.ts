/** What another Britive tool's files say in our words, and in sentences what they say that we have no words for. */

import { parseTenant } from '../src/core/britive-tenant.ts';
import { BrokerError } from '../src/core/errors.ts';
import { formatDiagnostic } from './diagnostics.ts';
import { isDots } from './names.ts';

export type Tool = 'bctl' | 'pybritive';

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
  readonly tool: Tool;
  readonly sessions: ReadonlyMap<string, ImportedSession>;
  /** Each belongs to one of the sessions. */
  readonly profiles: ReadonlyMap<string, ImportedProfile>;
  /** Whether the tool was given an API token in place of a sign-in in the browser. */
  readonly hasApiToken: boolean;
  /** One sentence each about what was left out, and what to do. */
  readonly notes: readonly string[];
}

export interface Planned<T> {
  readonly value: T;
  readonly from: Tool;
}

export interface Conflict {
  readonly kind: 'session' | 'profile';
  readonly name: string;
  /** What the name means and goes on to mean, with its place. */
  readonly kept: string;
  /** What the other tool means by it. */
  readonly left: string;
  readonly from: Tool;
}

/** A file that cannot be imported at all; line 0 where none is to blame. */
export const refusal = (place: { readonly file: string; readonly line: number }, message: string): BrokerError =>
  new BrokerError('Failed', formatDiagnostic({ severity: 'error', ...place, key: '', message }));

/** As people write it: a name, a host or a URL, in any case. Null for what can be no tenant. */
export const tenantOf = (text: string): string | null => {
  const address = parseTenant(text);
  return address.type === 'ok' ? address.tenant : null;
};

/** The path in our spelling, or why it cannot be taken. Two parts are an application that is its own environment. */
export const pathOf = (path: string): { readonly path: string } | { readonly problem: string } => {
  const parts = partsOf(path);
  if (parts.length > 1 && parts[0]?.toLowerCase() === 'resources') {
    return { problem: `"${path}" is a resource, and only applications are served` };
  }
  if ((parts.length === 2 || parts.length === 3) && !parts.includes('')) {
    return { path: parts.map((part) => part.replace(/[\\/]/g, '\\$&')).join('/') };
  }
  return { problem: `"${path}" is not App/Env/Profile, with "\\/" for a slash inside a name; add it by hand` };
};

/** As pybritive reads it: a backslash before anything but a slash or another one is part of the name. */
const partsOf = (path: string): readonly string[] =>
  [...path.matchAll(/(?:^|\/)((?:\\[\\/]|[^/])*)/gsu)].map(([, part = '']) => part.replace(/\\([\\/])/g, '$1').trim());

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
