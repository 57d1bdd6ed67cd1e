/** Profiles that need no session of ours: assumed roles, web identities, helper programs, and sign-ins of the AWS CLI. */
import type { ServedProfileSettings, SessionProfileSettings } from '../core/settings.ts';
import type { LeaseUpstream, Verdict } from '../core/types.ts';
import { awsLogin } from './aws-login/index.ts';
import type { AwsLoginDependencies } from './aws-login/types.ts';
import { awsSts } from './aws-sts/index.ts';
import type { StsDependencies, StsLease } from './aws-sts/types.ts';
import { processHelpers, type RunHelper } from './process/index.ts';

export type SourceProfileSettings = Exclude<ServedProfileSettings, SessionProfileSettings>;

export const isSource = (profile: ServedProfileSettings): profile is SourceProfileSettings =>
  profile.kind !== 'sso' && profile.kind !== 'britive';

export interface SourceDependencies extends StsDependencies, AwsLoginDependencies {
  readonly run: RunHelper;
}

/** Where neither the profile nor anything below it names one; STS answers everywhere. */
const usualRegion = 'us-east-1';

export const openSources = (dependencies: SourceDependencies): ((profile: SourceProfileSettings) => LeaseUpstream) => {
  const sts = awsSts(dependencies);
  const logins = awsLogin(dependencies);
  const helpers = processHelpers(dependencies);
  return (profile) => {
    switch (profile.kind) {
      case 'role':
        return leaseOf(sts.openRole({ ...profile, ...target(profile), keys: null, credentialSource: null }));
      case 'web-identity':
        return leaseOf(sts.openWebIdentity({ ...profile, ...target(profile) }));
      case 'process':
        return helpers.openProfile(profile);
      case 'aws-login':
        return logins.openProfile({ ...profile, signInRegion: null });
    }
  };
};

const target = ({ region }: SourceProfileSettings) => ({ region: region ?? usualRegion, fips: false });

const nothingToGiveBack = async (): Promise<Verdict<void>> => ({ type: 'ok', value: undefined });

const leaseOf = (lease: StsLease): LeaseUpstream => ({
  ...lease,
  timeoutMs: null,
  acquire: ({ source, wish, signal }) => lease.acquire({ source, idToken: null, wish, signal }),
  release: nothingToGiveBack,
});
