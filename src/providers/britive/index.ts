import type { CatalogueRole } from '../../core/errands.ts';
import { parseCheckouts, requestCheckouts } from './access.ts';
import { judgeOf } from './ask.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import type { NamedEntry } from './match.ts';
import type { BritiveProfile } from './profile.ts';
import { openProfile } from './profile.ts';
import { verdictOf } from './reply.ts';
import { patiently } from './retry.ts';
import type { CheckoutRow } from './rows.ts';
import { openSession } from './session.ts';
import type {
  BritiveDependencies,
  BritiveProfileSettings,
  BritiveSessionSettings,
  SessionRecord,
  SessionUpstream,
  Verdict,
} from './types.ts';

export interface Britive {
  readonly openSession: (session: BritiveSessionSettings) => SessionUpstream;
  readonly openProfile: (profile: BritiveProfileSettings, session: BritiveSessionSettings) => BritiveProfile;
  /** Everything that may be checked out; `fresh` asks the tenant whatever is known. */
  readonly profiles: (
    session: BritiveSessionSettings,
    request: ListRequest & { readonly fresh: boolean },
  ) => Promise<Verdict<readonly NamedEntry[]>>;
  /** The same as the broker shows it, always asked. */
  readonly catalogue: (
    session: BritiveSessionSettings,
    request: ListRequest,
  ) => Promise<Verdict<readonly CatalogueRole[]>>;
  /** What the tenant says is checked out, always asked. */
  readonly checkouts: (
    session: BritiveSessionSettings,
    request: ListRequest,
  ) => Promise<Verdict<readonly CheckoutRow[]>>;
}

const roleOf = ({ accountId, application, environment, profile, path }: NamedEntry): CatalogueRole => {
  const accountName = environment === application ? application : `${application}/${environment}`;
  return { accountId, accountName, roleName: profile, path };
};

interface ListRequest {
  readonly record: SessionRecord;
  readonly signal: AbortSignal;
}

interface Tenant {
  readonly connection: Connection;
  readonly directory: Directory;
}

export const britive = (dependencies: BritiveDependencies): Britive => {
  const tenants = new Map<string, Tenant>();
  const tenantOf = (settings: BritiveSessionSettings): Tenant => {
    const key = JSON.stringify([settings.name, settings.baseUrl, settings.idp, settings.federation]);
    const known = tenants.get(key);
    if (known) return known;
    const tenant = {
      connection: new Connection(settings, dependencies),
      directory: new Directory(settings, dependencies),
    };
    tenants.set(key, tenant);
    return tenant;
  };
  const profiles: Britive['profiles'] = (session, { record, signal, fresh }) => {
    const { connection, directory } = tenantOf(session);
    return directory.entries({ connection, record, signal }, fresh);
  };
  return {
    openSession: (settings) => openSession(tenantOf(settings).connection),
    openProfile: (settings, session) => openProfile({ ...tenantOf(session), settings }),
    profiles,
    catalogue: async (session, request) => {
      const entries = await profiles(session, { ...request, fresh: true });
      return entries.type === 'ok' ? { type: 'ok', value: entries.value.map(roleOf) } : entries;
    },
    checkouts: (session, request) => readCheckouts(tenantOf(session).connection, request),
  };
};

const readCheckouts = async (
  connection: Connection,
  { record, signal }: ListRequest,
): Promise<Verdict<readonly CheckoutRow[]>> => {
  const call = { connection, record, signal };
  const rows = await patiently(call, async () => parseCheckouts(await requestCheckouts(call)));
  return rows.type === 'ok' ? rows : verdictOf(rows, judgeOf(call));
};
