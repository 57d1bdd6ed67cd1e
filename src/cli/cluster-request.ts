/** Requests to the daemon about a profile's clusters, with a sign-in where one is needed and somebody is there. */
import { statePaths } from '../../config/paths.ts';
import type { BrokerClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { ApplicationKind, ProfileView, StatusView } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import type { Context } from './context.ts';
import { firstCredentials } from './first-credentials.ts';
import { findServed } from './served-profile.ts';

const pollMs = 1_000;
const withClusters: ReadonlySet<ApplicationKind | null> = new Set(['aws', 'kubernetes', null]);

export interface ClusterProfile {
  readonly profile: ProfileView;
  /** Asks, a second time after a sign-in. */
  readonly ask: <T>(fetch: (client: BrokerClient) => Promise<T>) => Promise<T>;
}

/** Throws for a profile that can have no clusters, before anybody has to sign in. */
export async function clusterProfile(context: Context, daemon: RunningDaemon, name: string): Promise<ClusterProfile> {
  const { profile, status } = await findServed(context, daemon, name);
  if (!withClusters.has(profile.kind)) {
    throw new BrokerError('BadRequest', `Profile "${profile.name}" has no clusters. Name one of AWS or Kubernetes`);
  }
  return { profile, ask: (fetch) => firstCredentials(context, request(context, { profile, status, fetch })) };
}

const noAnswers = { justification: null, ticketType: null, ticketId: null, otp: null };

/** The one asked for, the profile's, or what a tenant's checkout names; null leaves it to the daemon to say what is missing. */
export async function regionOf({ profile, ask }: ClusterProfile, asked: string | null): Promise<string | null> {
  const known = asked ?? profile.region;
  if (known !== null || profile.path === null || profile.kind === 'kubernetes') return known;
  const body = { as: 'payload', force: false, answers: noAnswers } as const;
  const { region } = (await ask((client) => client.issue(profile.name, body, () => {}))).document;
  return typeof region === 'string' && region !== '' ? region : null;
}

interface Asking<T> {
  readonly profile: ProfileView;
  readonly status: StatusView;
  readonly fetch: (client: BrokerClient) => Promise<T>;
}

const request = <T>({ env, platform }: Context, { profile, status, fetch }: Asking<T>) => ({
  profile: profile.name,
  fetch,
  // A profile that turns out to have no clusters shall cost nobody a sign-in.
  signsInFirst: false,
  socket: statePaths(env, platform).socket,
  status,
  pollMs,
});
