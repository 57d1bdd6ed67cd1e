/** What one profile says about its own credentials, and which of it counts. The order is botocore's. */
import type { Origin } from '../src/core/settings.ts';
import type { AwsKey, AwsSection } from './aws-sections.ts';

/** Where a chain of roles begins. Nothing here holds a secret. */
export type BaseSource =
  | { readonly type: 'sso'; readonly profile: AwsSection }
  /** `sso_session` alone: a bearer token for other services, no AWS credentials. */
  | { readonly type: 'sso-token'; readonly profile: AwsSection }
  | { readonly type: 'static'; readonly profile: AwsSection }
  | {
      readonly type: 'web-identity';
      readonly profile: AwsSection;
      readonly roleArn: string;
      readonly tokenFile: string;
    }
  | { readonly type: 'login'; readonly profile: AwsSection; readonly loginSession: string }
  | { readonly type: 'process'; readonly profile: AwsSection; readonly command: string }
  /** `credential_source`: Environment, Ec2InstanceMetadata or EcsContainer. */
  | { readonly type: 'named'; readonly profile: AwsSection; readonly source: string }
  /** A `credential_process` that asks credbroker for a profile which no file has. */
  | { readonly type: 'broker'; readonly profile: AwsSection; readonly asked: string }
  | { readonly type: 'none'; readonly profile: AwsSection };

/** What is wrong, as a sentence without its place, and the place to mend it. */
export interface Problem {
  readonly type: 'problem';
  readonly message: string;
  readonly origin: Origin;
  /** The section, or the key in `config.yaml`. */
  readonly key: string;
  /** It is in `config.yaml`, which is refused for it. */
  readonly isOwn: boolean;
}

export const settingOf = (section: AwsSection, key: string): string | null => section.keys.get(key)?.value || null;

export const originOf = ({ file, line }: AwsSection | AwsKey): Origin => ({ file, line });

/** The place of a key, or of its section where the key is missing. */
export const problemAt = (section: AwsSection, key: string, message: string): Problem => ({
  type: 'problem',
  message,
  origin: originOf(section.keys.get(key) ?? section),
  key: section.name,
  isOwn: false,
});

/** Presence of a token file makes `role_arn` part of a web identity and not a hop. */
export const assumesRole = (profile: AwsSection): boolean =>
  settingOf(profile, 'role_arn') !== null && settingOf(profile, 'web_identity_token_file') === null;

/** Half a pair counts, so that it is complained of and not passed over. */
export const hasStaticKeys = (profile: AwsSection): boolean =>
  settingOf(profile, 'aws_access_key_id') !== null || settingOf(profile, 'aws_secret_access_key') !== null;

export const hasSso = (profile: AwsSection): boolean =>
  settingOf(profile, 'sso_account_id') !== null || settingOf(profile, 'sso_role_name') !== null;

/** A profile's credentials with its roles left aside. */
export const baseOf = (profile: AwsSection): BaseSource | Problem => {
  const keysFrom = profile.keys.get('aws_access_key_id')?.source ?? profile.keys.get('aws_secret_access_key')?.source;
  const tokenFile = settingOf(profile, 'web_identity_token_file');
  if (tokenFile !== null) return webIdentity(profile, tokenFile);
  if (hasSso(profile)) return { type: 'sso', profile };
  if (hasStaticKeys(profile) && keysFrom === 'credentials') return staticKeys(profile);
  const loginSession = settingOf(profile, 'login_session');
  if (loginSession !== null) return { type: 'login', profile, loginSession };
  const command = profile.keys.get('credential_process')?.raw || null;
  if (command !== null) return { type: 'process', profile, command };
  if (hasStaticKeys(profile)) return staticKeys(profile);
  if (settingOf(profile, 'sso_session') !== null) return { type: 'sso-token', profile };
  return { type: 'none', profile };
};

const webIdentity = (profile: AwsSection, tokenFile: string): BaseSource | Problem => {
  const roleArn = settingOf(profile, 'role_arn');
  if (roleArn !== null) return { type: 'web-identity', profile, roleArn, tokenFile };
  const message = `Profile "${profile.name}" has web_identity_token_file without role_arn; add the role`;
  return problemAt(profile, 'web_identity_token_file', message);
};

export const staticKeys = (profile: AwsSection): BaseSource | Problem => {
  const missing = ['aws_access_key_id', 'aws_secret_access_key'].find((key) => settingOf(profile, key) === null);
  if (missing === undefined) return { type: 'static', profile };
  const present = missing === 'aws_access_key_id' ? 'aws_secret_access_key' : 'aws_access_key_id';
  return problemAt(profile, present, `Profile "${profile.name}" has ${present} without ${missing}; add it`);
};
