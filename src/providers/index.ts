import type { CatalogueRequest, CatalogueRole } from '../core/errands.ts';
import { BrokerError } from '../core/errors.ts';
import type { ServedProfileSettings, SessionSettings } from '../core/settings.ts';
import type { LeaseUpstream, SessionUpstream, Verdict } from '../core/types.ts';
import { awsSso } from './aws-sso/index.ts';
import { britive } from './britive/index.ts';
import type { BritiveDependencies } from './britive/types.ts';

/** Every upstream system behind one door: settings say which one is meant. */
export interface Providers {
  readonly openSession: (session: SessionSettings) => SessionUpstream;
  /** Throws `ConfigInvalid` for a profile of another system than its session's. */
  readonly openProfile: (profile: ServedProfileSettings, session: SessionSettings) => LeaseUpstream;
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
    catalogue: (session, request) =>
      session.provider === 'britive' ? tenants.catalogue(session, request) : aws.catalogue(session, request),
  };
};
