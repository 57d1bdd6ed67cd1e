import type { BrokerOptions } from '../core/broker-options.ts';
import type { ConsoleUpstream, ErrandUpstream } from '../core/errand-upstream.ts';
import { BrokerError } from '../core/errors.ts';
import type { ServedProfileSettings, SessionSettings } from '../core/settings.ts';
import { consoleUrl } from './aws-federation/index.ts';
import { awsSso } from './aws-sso/index.ts';
import { britive } from './britive/index.ts';
import type { BritiveDependencies } from './britive/types.ts';
import { oidc } from './oidc/index.ts';
import type { Provider } from './provider.ts';
import { isSource, openSources, type SourceDependencies } from './sources.ts';

/**
 * Every upstream system behind one door: settings say which one is meant. `openProfile` throws `ConfigInvalid` for a
 * profile of another system than its session's.
 */
export interface Providers
  extends Omit<Provider<SessionSettings, ServedProfileSettings>, 'openProfile'>,
    ErrandUpstream,
    ConsoleUpstream {
  readonly openProfile: BrokerOptions['openProfile'];
}

export interface ProvidersDependencies extends BritiveDependencies, SourceDependencies {
  /** Where `aws login` and the console are, null for the region's own. */
  readonly signinEndpoint: string | null;
}

export const openProviders = (dependencies: ProvidersDependencies): Providers => {
  const aws = awsSso(dependencies);
  const tenants = britive(dependencies);
  const issuers = oidc(dependencies);
  const openSource = openSources(dependencies);
  const { fetch, clock, timers } = dependencies;
  const federation = { fetch, clock, timers, endpoint: dependencies.signinEndpoint };
  return {
    openSession: (session) => {
      switch (session.provider) {
        case 'aws-sso':
          return aws.openSession(session);
        case 'britive':
          return tenants.openSession(session);
        case 'oidc':
          return issuers.openSession(session);
      }
    },
    openProfile: (profile, session) => {
      if (profile.kind === 'britive' && session?.provider === 'britive') return tenants.openProfile(profile, session);
      if (profile.kind === 'sso' && session?.provider === 'aws-sso') return aws.openProfile(profile, session);
      if (isSource(profile)) return openSource(profile);
      throw new BrokerError('ConfigInvalid', `Profile "${profile.name}" does not fit its session`);
    },
    console: (request) => consoleUrl(federation, { ...request, destination: null, durationMs: null }),
    issue: async (profile, session, request) => {
      if (profile.kind === 'britive' && session.provider === 'britive') return tenants.issue(profile, session, request);
      return { type: 'denied', why: 'bad-request', detail: `"${profile.name}" has AWS credentials alone` };
    },
    catalogue: async (session, request) => {
      if (session.provider === 'britive') return tenants.catalogue(session, request);
      return session.provider === 'aws-sso' ? aws.catalogue(session, request) : { type: 'ok', value: [] };
    },
    offers: (session) => (session.provider === 'britive' ? tenants.offers(session) : []),
    recall: async (session, request) =>
      session.provider === 'britive' ? tenants.recall(session, request) : { type: 'ok', value: undefined },
    checkouts: async (session, request) =>
      session.provider === 'britive' ? tenants.checkouts(session, request) : { type: 'ok', value: [] },
    giveBack: async (session, request) =>
      session.provider === 'britive'
        ? tenants.giveBack(session, request)
        : { type: 'denied', why: 'not-found', detail: 'it counts no checkouts' },
  };
};
