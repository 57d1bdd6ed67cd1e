import type { Cancel, LeaseUpstream } from '../../core/types.ts';
import { openProfile } from './profile.ts';
import { SignIn } from './sign-in.ts';
import type { AwsLoginDependencies, AwsLoginProfile } from './types.ts';

export interface AwsLogin {
  readonly openProfile: (profile: AwsLoginProfile) => LeaseUpstream;
  /** Calls back when another program has signed in, renewed or signed out: what was refused may be asked for again. */
  readonly watch: (profile: AwsLoginProfile, changed: () => void) => Cancel;
}

/** Sessions of `aws login`: made by the AWS CLI, used and renewed here in the file that all AWS tools share. */
export const awsLogin = (dependencies: AwsLoginDependencies): AwsLogin => {
  const signIns = new Map<string, SignIn>();
  const signInOf = (loginSession: string): SignIn => {
    const known = signIns.get(loginSession) ?? new SignIn(dependencies, loginSession);
    signIns.set(loginSession, known);
    return known;
  };
  return {
    openProfile: (profile) => openProfile(dependencies, signInOf(profile.loginSession), profile),
    watch: (profile, changed) => signInOf(profile.loginSession).watch(changed),
  };
};
