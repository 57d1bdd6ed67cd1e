/** A correct client of the emulated Britive tenant, with which tests sign in and then do something wrong. */
import { createHash, randomBytes } from 'node:crypto';
import type { AccessType } from '../../src/emulator/britive/catalogue.ts';
import type { TenantKnobs } from '../../src/emulator/britive/knobs.ts';
import type { Tenant } from '../../src/emulator/index.ts';
import { type Emulated, emulated } from './emulated.ts';

export interface TenantReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON, else null. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as deep as they like.
  readonly body: any;
}

export interface Challenge {
  readonly verifier: string;
  readonly challenge: string;
}

export const challengeOf = (verifier: string): string => createHash('sha512').update(verifier).digest('base64url');

/** Neither half has two hyphens in a row. */
export function newChallenge(): Challenge {
  for (;;) {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = challengeOf(verifier);
    if (!`${verifier} ${challenge}`.includes('--')) return { verifier, challenge };
  }
}

export class TenantClient {
  readonly tenant: Tenant;
  readonly headers: Readonly<Record<string, string>>;

  constructor(tenant: Tenant, headers: Readonly<Record<string, string>> = {}) {
    this.tenant = tenant;
    this.headers = { 'content-type': 'application/json', ...headers };
  }

  /** The same client with other headers; an empty one is left out. */
  with(headers: Readonly<Record<string, string>>): TenantClient {
    return new TenantClient(this.tenant, { ...this.headers, ...headers });
  }

  async ask(method: string, path: string, body?: unknown): Promise<TenantReply> {
    const headers = Object.fromEntries(Object.entries(this.headers).filter(([, value]) => value !== ''));
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.tenant.url + path, { method, headers, body: text, redirect: 'manual' });
    return replyOf(response);
  }

  get(path: string): Promise<TenantReply> {
    return this.ask('GET', path);
  }

  retrieve(verifier: string): Promise<TenantReply> {
    return this.ask('POST', '/api/auth/cli/retrieve-tokens', { authParameters: { cliToken: verifier } });
  }

  /** A whole browser login that a person allows. */
  async logIn(path = '/login?token='): Promise<TenantClient> {
    const { verifier, challenge } = newChallenge();
    await fetch(`${this.tenant.url}${path}${challenge}`);
    this.tenant.people.allowLogin(challenge);
    const { body } = await this.retrieve(verifier);
    return this.with({ authorization: `Bearer ${body.authenticationResult.accessToken}` });
  }

  checkOut(target: string, body: unknown = {}, accessType: AccessType = 'PROGRAMMATIC'): Promise<TenantReply> {
    return this.ask('POST', `${target}?accessType=${accessType}`, body);
  }

  async rows(): Promise<TenantReply['body']> {
    return (await this.get('/api/access/app-access-status')).body;
  }

  tokens(transactionId: string): Promise<TenantReply> {
    return this.get(`/api/access/${transactionId}/tokens`);
  }

  checkIn(transactionId: string): Promise<TenantReply> {
    return this.ask('PUT', `/api/access/${transactionId}?type=API`);
  }

  /** The path of a profile in its first environment, or in the named one. */
  target(profileName: string, environmentName?: string): string {
    for (const { environments, profiles } of this.tenant.knobs.applications) {
      const profile = profiles.find(({ name }) => name === profileName);
      if (profile === undefined) continue;
      const environment = environments.find(({ alternateName }) => alternateName === environmentName);
      return `/api/access/${profile.papId}/environments/${environment?.environmentId ?? profile.environmentIds[0]}`;
    }
    throw new Error(`There is no profile "${profileName}"`);
  }
}

async function replyOf(response: Response): Promise<TenantReply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

export interface EmulatedTenant extends Emulated {
  readonly tenant: Tenant;
  /** Without a session. */
  readonly stranger: TenantClient;
  /** Signed in. */
  readonly client: TenantClient;
}

/** A tenant on a clock of the test's own, and somebody who has signed in. */
export async function emulatedTenant(knobs: Partial<TenantKnobs> = {}): Promise<EmulatedTenant> {
  const parts = await emulated();
  const tenant = parts.emulator.britive;
  const stranger = new TenantClient(tenant);
  const client = await stranger.logIn();
  parts.emulator.journal.clear();
  Object.assign(tenant.knobs, knobs);
  return { ...parts, tenant, stranger, client };
}

/** What a refusal says, in a word. */
export const verdict = ({ status, body }: TenantReply): string => `${status} ${body?.errorCode ?? ''}`.trim();
