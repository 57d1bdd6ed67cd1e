/**
 * What `checkout` wrote where, one file for each alias, so that it need not ask again before that runs out. No secret is
 * in it. Losing a file costs one call; a file that cannot be read is none.
 */
import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { heldAccessKeyId } from '../../config/aws-credentials-edit.ts';
import type { Env } from '../../config/environment.ts';
import { statePaths } from '../../config/paths.ts';
import { writeFileAtomically } from '../adapters/atomic-file.ts';

export interface CheckoutState {
  readonly alias: string;
  /** Null where upstream counts no checkouts. */
  readonly transactionId: string | null;
  /** ISO 8601, as `expiresAt`. */
  readonly checkedOutAt: string;
  readonly expiresAt: string;
  /** What the alias stood for, tenant and all, in words that mean nothing but equal or not. */
  readonly target: string;
  /** The section of the credentials file. */
  readonly awsProfile: string;
  readonly accessKeyIdHash: string;
  /** The region that was written with the keys. */
  readonly region: string | null;
}

/** The 5-minute buffer that the command line promises; `refresh.soft` is the daemon's own. */
const bufferMs = 5 * 60 * 1000;

export const hashOf = (accessKeyId: string): string => hash('sha256', accessKeyId);

/** Alive for strictly more than 5 minutes. A clock that was set back since makes nothing fresh. */
export function isFresh(state: CheckoutState, now: number): boolean {
  return Date.parse(state.expiresAt) - now > bufferMs && Date.parse(state.checkedOutAt) <= now;
}

/** Whether the section still has what was written into it; null is a file that is not there. */
export const isStillThere = (state: CheckoutState, credentialsFile: string | null): boolean => {
  const held = credentialsFile === null ? null : heldAccessKeyId(credentialsFile, state.awsProfile);
  return held !== null && hashOf(held) === state.accessKeyIdHash;
};

export interface Wanted {
  readonly now: number;
  /** What the alias stands for now. */
  readonly target: string;
  /** The credentials file's text, null when it is not there. */
  readonly credentialsFile: string | null;
}

/** Whether `checkout -o awscreds` need not ask anybody. */
export const isReusable = (state: CheckoutState, { now, target, credentialsFile }: Wanted): boolean =>
  isFresh(state, now) && state.target === target && isStillThere(state, credentialsFile);

export const checkoutDirectory = (env: Env, platform: NodeJS.Platform): string =>
  join(statePaths(env, platform).directory, 'checkouts');

/** Null for one that is missing or damaged, or was written for another alias. */
export async function readCheckout(directory: string, alias: string): Promise<CheckoutState | null> {
  const state = await readState(join(directory, fileNameOf(alias)));
  return state?.alias === alias ? state : null;
}

/** All that can be read, in the order of their aliases. */
export async function listCheckouts(directory: string): Promise<readonly CheckoutState[]> {
  const names = await readdir(directory).catch(() => []);
  const states = await Promise.all(names.filter(isStateFile).map((name) => readState(join(directory, name))));
  return states.flatMap((state) => state ?? []).toSorted((one, other) => (one.alias < other.alias ? -1 : 1));
}

export async function saveCheckout(directory: string, state: CheckoutState): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  writeFileAtomically(join(directory, fileNameOf(state.alias)), `${JSON.stringify(state, null, 2)}\n`);
}

export const removeCheckout = (directory: string, alias: string): Promise<void> =>
  rm(join(directory, fileNameOf(alias)), { force: true });

const isStateFile = (name: string): boolean => name.endsWith('.json');

/**
 * The alias itself where that is a plain name; else what is plain of it, and a hash. No two aliases share a file, nor on
 * a disk that takes upper and lower case for the same.
 */
export function fileNameOf(alias: string): string {
  const isPlain = /^[a-z0-9][a-z0-9._-]{0,99}$/.test(alias) && !hashed.test(alias) && !reserved.test(alias);
  if (isPlain) return `${alias}.json`;
  const plain = alias
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .slice(0, 60);
  return `${plain}.${hash('sha256', alias).slice(0, 32)}.json`;
}

const hashed = /\.[0-9a-f]{32}$/;
/** Windows takes these for devices, whatever follows the point. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

async function readState(file: string): Promise<CheckoutState | null> {
  try {
    return stateOf(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Fields that are not known are left to those who know them. */
function stateOf(value: unknown): CheckoutState | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (name: string): string => {
    const found = fields.get(name);
    return typeof found === 'string' ? found : '';
  };
  const state = {
    alias: text('alias'),
    transactionId: text('transactionId') || null,
    checkedOutAt: text('checkedOutAt'),
    expiresAt: text('expiresAt'),
    target: text('target'),
    awsProfile: text('awsProfile'),
    accessKeyIdHash: text('accessKeyIdHash'),
    region: text('region') || null,
  };
  return Object.values(state).includes('') ? null : state;
}
