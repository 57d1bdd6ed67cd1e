import { oidcError } from './errors.ts';
import type { Knobs } from './knobs.ts';
import { clientSecret, opaque } from './random.ts';

export const grants = {
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  code: 'authorization_code',
  refresh: 'refresh_token',
} as const;

export interface ClientMetadata {
  readonly clientName: string;
  readonly scopes: readonly string[];
  readonly redirectUris: readonly string[];
  /** Empty where the client did not say. */
  readonly grantTypes: readonly string[];
  readonly issuerUrl: string | null;
}

export interface Client extends ClientMetadata {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A client that named no grants may use devices and refresh; the AWS CLI registers so. */
const defaultGrants: readonly string[] = [grants.device, grants.refresh];

export const mayUse = (client: Client, grant: string): boolean =>
  (client.grantTypes.length > 0 ? client.grantTypes : defaultGrants).includes(grant);

export const hasAccountScope = (client: Client): boolean => client.scopes.includes('sso:account:access');

/** Identity Center gives a refresh token only to those who asked for accounts by scope. */
export const isRefreshable = (client: Client): boolean => hasAccountScope(client) && mayUse(client, grants.refresh);

/** The registrations (RFC 7591) of the OIDC service. */
export class Clients {
  readonly #byId = new Map<string, Client>();
  readonly #knobs: Knobs;
  readonly #now: () => number;

  constructor(knobs: Knobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  register(metadata: ClientMetadata): Client {
    const issuedAt = this.#now();
    const expiresAt = issuedAt + this.#knobs.registrationLifeMs;
    const clientId = opaque(16);
    const client = { ...metadata, clientId, clientSecret: clientSecret(clientId, expiresAt), issuedAt, expiresAt };
    this.#byId.set(clientId, client);
    return client;
  }

  /** Undefined for the unknown and the expired. */
  find(clientId: string): Client | undefined {
    const client = this.#byId.get(clientId);
    return client !== undefined && this.#now() < client.expiresAt ? client : undefined;
  }

  authenticate(clientId: string, secret: string): Client {
    const client = this.find(clientId);
    if (client === undefined) throw oidcError('InvalidClientException', 'Invalid or expired client');
    if (client.clientSecret !== secret) throw oidcError('InvalidClientException', 'Invalid client secret provided');
    return client;
  }

  /** As if 90 days had passed. */
  forgetAll(): void {
    this.#byId.clear();
  }
}
