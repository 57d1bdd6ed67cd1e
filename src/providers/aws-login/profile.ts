import type { Credentials, LeaseUpstream, Verdict } from '../../core/types.ts';
import type { SignIn } from './sign-in.ts';
import type { AwsLoginDependencies, AwsLoginProfile, LoginRecord } from './types.ts';

/** With less left they are of no use to anybody. */
const usableMs = 60_000;

export const openProfile = (
  { clock }: Pick<AwsLoginDependencies, 'clock'>,
  signIn: SignIn,
  profile: AwsLoginProfile,
): LeaseUpstream => {
  let handedOut: string | null = null;
  const handOut = (record: LoginRecord): Verdict<Credentials> => {
    handedOut = record.accessKeyId;
    return { type: 'ok', value: credentialsOf(record) };
  };
  return {
    renewal: 'overlap',
    prefetch: true,
    timeoutMs: null,
    acquire: async ({ signal }) => {
      const fresh = await signIn.fresh({ profile, signal });
      if (fresh.type === 'ok') return handOut(fresh.value);
      // Whoever holds these already must hear of the failure; for whoever starts they are better than nothing.
      const { known } = signIn;
      const isNews = known !== null && known.accessKeyId !== handedOut;
      return isNews && known.expiresAt - clock.now() > usableMs ? handOut(known) : fresh;
    },
    // Nothing is counted: the keys live to their end.
    release: async () => ({ type: 'ok', value: undefined }),
  };
};

const credentialsOf = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  accountId,
  expiresAt,
}: LoginRecord): Credentials => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiresAt,
  accountId,
  roleArn: null,
  transaction: null,
});
