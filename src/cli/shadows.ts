/** What SDKs look at before the container endpoint, and some of them instead of it. */
import { awsLocations, readAwsConfig } from '../../config/aws-files.ts';
import { variable } from '../../config/environment.ts';
import type { Context } from './context.ts';

/** Our own variables are `endpoint.ts`'s business. */
const variables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;

/** Keys of `[default]` that make SDKs take credentials from there. */
const defaultKeys = [
  'aws_access_key_id',
  'credential_process',
  'login_session',
  'role_arn',
  'sso_account_id',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
] as const;

export const shadowingVariables = (env: NodeJS.ProcessEnv): readonly string[] =>
  variables.filter((name) => variable(env, name) !== null);

export function withoutShadows(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = { ...env };
  for (const name of variables) delete kept[name];
  return kept;
}

/** The file whose `[default]` section wins over the endpoint, null when none does. */
export async function shadowingDefault({ env, platform }: Context): Promise<string | null> {
  const { profiles } = await readAwsConfig(awsLocations(env, platform));
  const keys = profiles.get('default')?.keys;
  const key = defaultKeys.find((name) => keys?.has(name));
  return key === undefined ? null : (keys?.get(key)?.file ?? null);
}
