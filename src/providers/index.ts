import type { ErrandUpstream } from '../core/errand-upstream.ts';
import { BrokerError } from '../core/errors.ts';
import type { ServedProfileSettings, SessionSettings } from '../core/settings.ts';
import { awsSso } from './aws-sso/index.ts';
import { britive } from './britive/index.ts';
import type { BritiveDependencies } from './britive/types.ts';
import type { Provider } from './provider.ts';

/**
 * Every upstream system behind one door: settings say which one is meant. `openProfile` throws `ConfigInvalid` for a
 * profile of another system than its session's.
 */
export type Providers = Provider<SessionSettings, ServedProfileSettings> & ErrandUpstream;

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
