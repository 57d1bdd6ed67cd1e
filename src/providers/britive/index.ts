import type { Issue } from '../../core/api.ts';
import type { CatalogueRole, IssueRequest } from '../../core/errands.ts';
import type { Offer } from '../../core/offers.ts';
import type { CheckedOut } from '../../core/tenant-upstream.ts';
import { checkIn, readCheckouts } from './checked-out.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import { idOf } from './entry.ts';
import type { NamedEntry } from './match.ts';
import { offersOf } from './match.ts';
import type { Issued } from './operation.ts';
import type { BritiveProfile } from './profile.ts';
import { openProfile } from './profile.ts';
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
  /** What is no SDK's: an application's keys, a console's page. */
  readonly issue: (
    profile: BritiveProfileSettings,
    session: BritiveSessionSettings,
    request: IssueRequest,
  ) => Promise<Verdict<Issue>>;
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
  /** As last read, without asking anybody. */
  readonly offers: (session: BritiveSessionSettings) => readonly Offer[];
  /** What the tenant says is checked out and has not ended, always asked. */
  readonly checkouts: (
    session: BritiveSessionSettings,
    request: ListRequest,
  ) => Promise<Verdict<readonly CheckedOut[]>>;
  /** Any checkout of the tenant's list. */
  readonly giveBack: (
    session: BritiveSessionSettings,
    request: ListRequest & { readonly transaction: string },
  ) => Promise<Verdict<void>>;
}

const issueTo = async (profile: BritiveProfile, { as, ...rest }: IssueRequest): Promise<Verdict<Issue>> => {
  const request = { ...rest, checkout: null };
  if (as === 'payload') {
    const issued = await profile.issue(request);
    return issued.type === 'ok'
      ? { type: 'ok', value: { ...own(issued.value), document: { ...issued.value.value } } }
      : issued;
  }
  const opened = await profile.openConsole(request);
  return opened.type === 'ok'
    ? { type: 'ok', value: { ...own(opened.value), document: { url: opened.value.value } } }
    : opened;
};

const own = ({ transaction, expiresAt }: Issued<unknown>) => ({ transaction, expiresAt });

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
    issue: (settings, session, request) => issueTo(openProfile({ ...tenantOf(session), settings }), request),
    profiles,
    catalogue: async (session, request) => {
      const entries = await profiles(session, { ...request, fresh: true });
      return entries.type === 'ok' ? { type: 'ok', value: rolesOf(entries.value) } : entries;
    },
    offers: (session) => tenantOf(session).directory.offers(),
    checkouts: (session, { record, signal }) => {
      const { connection, directory } = tenantOf(session);
      return readCheckouts({ connection, record, signal }, directory);
    },
    giveBack: (session, { record, transaction, signal }) =>
      checkIn({ connection: tenantOf(session).connection, record, signal }, transaction),
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
