/** Sessions and client registrations that only we use (`tokenCache: private`), in the secret store. */
import { BrokerError } from '../core/errors.ts';
import type { ClientRegistration, SessionRecord, SessionStore } from '../core/types.ts';
import { epoch } from '../core/types.ts';
import type { SecretStore } from './secret-store/secret-store.ts';

/** `remove` rejects with `KeychainUnavailable` when the record may still be there. */
export const secretSessionStore = (secrets: SecretStore, session: string): SessionStore => {
  const name = `session:${session}`;
  return {
    load: async () => {
      const read = await secrets.get(name);
      if (read.type === 'unavailable') return { type: 'unreadable', detail: read.detail };
      const record = read.type === 'value' ? parseJson(read.value, parseRecord) : null;
      return record === null ? { type: 'gone' } : { type: 'found', record };
    },
    // One process writes here. What is stored differs from what the caller last read only after a save of his that
    // failed, and then his is the newer one: "changed" would bring a spent refresh token back.
    save: async (record) => {
      const written = await secrets.set(name, JSON.stringify(record));
      return written.type === 'done' ? { type: 'saved' } : { type: 'failed', detail: written.detail };
    },
    remove: async () => {
      const deleted = await secrets.delete(name);
      if (deleted.type === 'unavailable') throw new BrokerError('KeychainUnavailable', deleted.detail);
    },
    watch: () => () => {},
  };
};

export interface RegistrationStore {
  readonly load: (key: string) => Promise<ClientRegistration | null>;
  /** Null forgets. Never rejects: what is not kept is registered again. */
  readonly save: (key: string, registration: ClientRegistration | null) => Promise<void>;
}

export const secretRegistrationStore = (secrets: SecretStore): RegistrationStore => ({
  load: async (key) => {
    const read = await secrets.get(`client:${key}`);
    return read.type === 'value' ? parseJson(read.value, parseRegistration) : null;
  },
  save: async (key, registration) => {
    if (registration === null) await secrets.delete(`client:${key}`);
    else await secrets.set(`client:${key}`, JSON.stringify(registration));
  },
});

const parseJson = <T>(text: string, parse: (value: unknown) => T | null): T | null => {
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
};

const parseRecord = (value: unknown): SessionRecord | null => {
  const { accessToken, expiresAt, refreshToken, client, region } = fieldsOf(value);
  if (typeof accessToken !== 'string' || typeof expiresAt !== 'number') return null;
  return {
    accessToken,
    expiresAt: epoch(expiresAt),
    refreshToken: stringOrNull(refreshToken),
    client: parseRegistration(client),
    region: stringOrNull(region),
  };
};

const parseRegistration = (value: unknown): ClientRegistration | null => {
  const { clientId, clientSecret, expiresAt } = fieldsOf(value);
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof expiresAt !== 'number') return null;
  return { clientId, clientSecret, expiresAt: epoch(expiresAt) };
};

type Fields = Partial<Record<keyof SessionRecord | keyof ClientRegistration, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? value : {});

const stringOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
