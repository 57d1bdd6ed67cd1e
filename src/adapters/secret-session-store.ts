/** Sessions and client registrations that only we use (`tokenCache: private`), in the secret store. */
import { BrokerError } from '../core/errors.ts';
import type { ClientRegistration, SessionRecord, SessionStore, TokenType } from '../core/types.ts';
import { epoch } from '../core/types.ts';
import type { RegistrationStore } from '../providers/provider.ts';
import type { JsonObject } from './json.ts';
import { objectOf, parseObject, textOf } from './json.ts';
import { jwtExpiry } from './jwt-expiry.ts';
import type { SecretStore } from './secret-store/secret-store.ts';

/** `remove` rejects with `KeychainUnavailable` when the record may still be there. */
export const secretSessionStore = (secrets: SecretStore, session: string): SessionStore => {
  const name = `session:${session}`;
  return {
    load: async () => {
      const read = await secrets.get(name);
      if (read.type === 'unavailable') return { type: 'unreadable', detail: read.detail };
      const record = read.type === 'value' ? recordOf(parseObject(read.value)) : null;
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

export const secretRegistrationStore = (secrets: SecretStore): RegistrationStore => ({
  load: async (key) => {
    const read = await secrets.get(`client:${key}`);
    return read.type === 'value' ? registrationOf(parseObject(read.value)) : null;
  },
  save: async (key, registration) => {
    if (registration === null) await secrets.delete(`client:${key}`);
    else await secrets.set(`client:${key}`, JSON.stringify(registration));
  },
});

const recordOf = (stored: JsonObject | null): SessionRecord | null => {
  const { accessToken, expiresAt, client, region, tokenType, idToken } = stored ?? {};
  if (typeof accessToken !== 'string') return null;
  const refreshToken = refreshTokenOf(stored?.['refreshToken']);
  const end = expiresAt === undefined ? unwrittenEnd(accessToken, refreshToken) : expiresAt;
  if (typeof end !== 'number') return null;
  return {
    accessToken,
    expiresAt: epoch(end),
    refreshToken,
    client: registrationOf(objectOf(client)),
    region: textOf(region),
    tokenType: tokenTypeOf(tokenType),
    idToken: textOf(idToken),
  };
};

/** Older tools wrote a placeholder where they had none. */
const refreshTokenOf = (stored: unknown): string | null => (stored === 'auto-login' ? null : textOf(stored));

/** Of a record that does not say when it ends: as the token itself says, or now, where a refresh brings another. */
const unwrittenEnd = (accessToken: string, refreshToken: string | null): number | null =>
  jwtExpiry(accessToken) ?? (refreshToken === null ? null : 0);

const tokenTypeOf = (stored: unknown): TokenType | null =>
  stored === 'Bearer' || stored === 'TOKEN' || stored === 'WorkloadToken' ? stored : null;

const registrationOf = (stored: JsonObject | null): ClientRegistration | null => {
  const { clientId, clientSecret, expiresAt } = stored ?? {};
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof expiresAt !== 'number') return null;
  return { clientId, clientSecret, expiresAt: epoch(expiresAt) };
};
