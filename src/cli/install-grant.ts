/** The grant of a profile for the user's shells: made once, kept in a private file, good until it is revoked. */
import { hash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../config/paths.ts';
import { writeFileAtomically } from '../adapters/atomic-file.ts';
import type { BrokerClient } from '../client.ts';
import type { Context } from './context.ts';

export interface InstalledToken {
  readonly token: string;
  readonly file: string;
}

export async function installedToken(context: Context, client: BrokerClient, profile: string): Promise<InstalledToken> {
  const directory = statePaths(context.env, context.platform).tokens;
  // A profile's name may hold anything; its hash is a safe file name.
  const file = join(directory, hash('sha256', profile));
  const kept = await readToken(file);
  if (kept !== null && (await isKnown(client, kept, profile))) return { token: kept, file };
  const { token } = await client.issueGrant({
    label: `env:${profile}`,
    kind: 'install',
    profiles: [profile],
    lifetimeMs: null,
  });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Without a line end: SDKs refuse a token that has one.
  writeFileAtomically(file, token);
  return { token, file };
}

async function isKnown(client: BrokerClient, token: string, profile: string): Promise<boolean> {
  const id = hash('sha256', token).slice(0, 16);
  const grants = await client.grants();
  return grants.some((grant) => grant.id === id && grant.profiles.includes(profile));
}

async function readToken(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
