import type { Issue } from '../core/api.ts';
import type { CatalogueRequest, CatalogueRole, IssueRequest } from '../core/errands.ts';
import { BrokerError } from '../core/errors.ts';
import type { ServedProfileSettings, SessionSettings } from '../core/settings.ts';
import type { TenantUpstream } from '../core/tenant-upstream.ts';
import type { LeaseUpstream, SessionUpstream, Verdict } from '../core/types.ts';
import { awsSso } from './aws-sso/index.ts';
import { type Britive, britive } from './britive/index.ts';
import type { BritiveDependencies } from './britive/types.ts';

/** Every upstream system behind one door: settings say which one is meant. */
export interface Providers extends TenantUpstream {
  readonly openSession: (session: SessionSettings) => SessionUpstream;
  /** Throws `ConfigInvalid` for a profile of another system than its session's. */
  readonly openProfile: (profile: ServedProfileSettings, session: SessionSettings) => LeaseUpstream;
  readonly issue: (
    profile: ServedProfileSettings,
    session: SessionSettings,
    request: IssueRequest,
  ) => Promise<Verdict<Issue>>;
  readonly catalogue: (
    session: SessionSettings,
    request: CatalogueRequest,
  ) => Promise<Verdict<readonly CatalogueRole[]>>;
}

export const openProviders = (dependencies: BritiveDependencies): Providers => {
  const aws = awsSso(dependencies);
  const tenants = britive(dependencies);
  return {
    openSession: (session) =>
      session.provider === 'britive' ? tenants.openSession(session) : aws.openSession(session),
    openProfile: (profile, session) => {
      if (profile.kind === 'britive' && session.provider === 'britive') return tenants.openProfile(profile, session);
      if (profile.kind === 'sso' && session.provider === 'aws-sso') return aws.openProfile(profile, session);
      throw new BrokerError('ConfigInvalid', `Profile "${profile.name}" does not fit session "${session.name}"`);
    },
    issue: async (profile, session, request) => {
      if (profile.kind === 'britive' && session.provider === 'britive') return tenants.issue(profile, session, request);
      return { type: 'denied', why: 'bad-request', detail: `"${profile.name}" has AWS credentials alone` };
    },
    catalogue: (session, request) =>
      session.provider === 'britive' ? tenants.catalogue(session, request) : aws.catalogue(session, request),
    ...tenantUpstream(tenants),
  };
};

const tenantUpstream = (tenants: Britive): TenantUpstream => ({
  offers: (session) => (session.provider === 'britive' ? tenants.offers(session) : []),
  recall: async (session, request) => {
    if (session.provider !== 'britive') return { type: 'ok', value: undefined };
    const read = await tenants.profiles(session, { ...request, fresh: false });
    return read.type === 'ok' ? { type: 'ok', value: undefined } : read;
  },
  checkouts: async (session, request) =>
    session.provider === 'britive' ? tenants.checkouts(session, request) : { type: 'ok', value: [] },
  giveBack: async (session, request) =>
    session.provider === 'britive'
      ? tenants.giveBack(session, request)
      : { type: 'denied', why: 'not-found', detail: 'it counts no checkouts' },
});
