import type { Grant, GrantsRecord } from './grants.ts';
import { type EpochMs, epoch } from './types.ts';

/** Throws for anything but what `Grants` saves: a grant that is half understood would open too much or too little. */
export function parseGrants(value: unknown): GrantsRecord {
  const { version, grants } = fields(value);
  if (version !== 1 || !Array.isArray(grants)) throw new Error('the grants are of an unknown shape');
  return { version, grants: grants.map(parseGrant) };
}

function parseGrant(value: unknown): Grant & { readonly digest: string } {
  const { id, digest, label, kind, profiles, createdAt, expiresAt, lastUsedAt } = fields(value);
  const texts = [id, digest, label].every((text) => typeof text === 'string');
  if (!texts || !/^[0-9a-f]{64}$/.test(String(digest))) throw new Error('a grant is incomplete');
  if (kind !== 'install' && kind !== 'session' && kind !== 'container')
    throw new Error('a grant is of an unknown kind');
  return {
    id: String(id),
    digest: String(digest),
    label: String(label),
    kind,
    profiles: parseProfiles(profiles),
    createdAt: time(createdAt) ?? epoch(0),
    expiresAt: time(expiresAt),
    lastUsedAt: time(lastUsedAt),
  };
}

function parseProfiles(value: unknown): readonly string[] | '*' {
  if (value === '*') return value;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw new Error('the scope of a grant is of an unknown shape');
}

const time = (value: unknown): EpochMs | null => {
  if (value === null) return null;
  if (typeof value !== 'number') throw new Error('a time of a grant is not a number');
  return epoch(value);
};

const fields = (value: unknown): Partial<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
