import type { Issue } from '../../core/api.ts';
import type { CatalogueRole, ErrandRequest, ErrandUpstream, IssueRequest } from '../../core/errand-upstream.ts';
import type { Provider } from '../provider.ts';
import { giveBack, readCheckouts } from './checked-out.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import { idOf } from './entry.ts';
import type { NamedEntry } from './match.ts';
import { offersOf } from './match.ts';
import { Names } from './names.ts';
import type { Issued } from './operation.ts';
import type { BritiveProfile } from './profile.ts';
import { openProfile } from './profile.ts';
import { openSession } from './session.ts';
import type { BritiveDependencies, BritiveProfileSettings, BritiveSessionSettings, Verdict } from './types.ts';

export interface Britive
  extends Provider<BritiveSessionSettings, BritiveProfileSettings>,
    ErrandUpstream<BritiveSessionSettings, BritiveProfileSettings> {
  readonly openProfile: (profile: BritiveProfileSettings, session: BritiveSessionSettings) => BritiveProfile;
  /** Everything that may be checked out; `fresh` asks the tenant whatever is known. */
  readonly profiles: (
    session: BritiveSessionSettings,
    request: ErrandRequest & { readonly fresh: boolean },
  ) => Promise<Verdict<readonly NamedEntry[]>>;
}

const issueTo = async (profile: BritiveProfile, { as, ...rest }: IssueRequest): Promise<Verdict<Issue>> => {
  const request = { ...rest, source: null, checkout: null };
  return as === 'payload'
    ? issueOf(await profile.issue(request), (keys) => ({ ...keys }))
    : issueOf(await profile.openConsole(request), (url) => ({ url }));
};

const issueOf = <T>(issued: Verdict<Issued<T>>, documentOf: (value: T) => Issue['document']): Verdict<Issue> => {
  if (issued.type !== 'ok') return issued;
  const { transaction, expiresAt, value } = issued.value;
  return { type: 'ok', value: { transaction, expiresAt, document: documentOf(value) } };
};

interface Tenant {
  readonly connection: Connection;
  readonly directory: Directory;
}

export const britive = (dependencies: BritiveDependencies): Britive => {
  const tenants = new Map<string, Tenant>();
  const names = new Names(dependencies.catalogues);
  const tenantOf = (settings: BritiveSessionSettings): Tenant => {
    const key = JSON.stringify([settings.name, settings.baseUrl, settings.idp, settings.federation]);
    const known = tenants.get(key);
    if (known) return known;
    const tenant = {
      connection: new Connection(settings, dependencies),
      directory: new Directory(settings, dependencies, names),
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
    issue: (settings, session, request) => issueTo(openProfile({ ...tenantOf(session), settings }), request),
    profiles,
    catalogue: async (session, request) => {
      const entries = await profiles(session, { ...request, fresh: true });
      return entries.type === 'ok' ? { type: 'ok', value: rolesOf(entries.value) } : entries;
    },
    recall: async (session, request) => {
      const read = await profiles(session, { ...request, fresh: false });
      return read.type === 'ok' ? { type: 'ok', value: undefined } : read;
    },
    offers: (session) => tenantOf(session).directory.offers(),
    checkouts: (session, { record, signal }) => {
      const { connection, directory } = tenantOf(session);
      return readCheckouts({ connection, record, signal }, directory);
    },
    giveBack: (session, { record, transaction, signal }) =>
      giveBack({ connection: tenantOf(session).connection, record, signal }, transaction),
  };
};

const rolesOf = (entries: readonly NamedEntry[]): readonly CatalogueRole[] => {
  const offers = new Map(offersOf(entries).map((offer) => [offer.id, offer]));
  return entries.map((entry) => {
    const { accountId, application, environment, profile } = entry;
    const accountName = environment === application ? application : `${application}/${environment}`;
    return { accountId, accountName, roleName: profile, offer: offers.get(idOf(entry)) ?? null };
  });
};
