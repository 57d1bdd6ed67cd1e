import type { Knobs } from './knobs.ts';

const startUrl = 'https://emulated.awsapps.com/start';

/** An `~/.aws/config` whose profiles the emulator's default accounts answer to. */
export function configText({ region }: Knobs): string {
  return [
    section('sso-session emulated', {
      sso_start_url: startUrl,
      sso_region: region,
      sso_registration_scopes: 'sso:account:access',
    }),
    ssoProfile('dev', '111122223333', 'DeveloperAccess'),
    ssoProfile('admin', '111122223333', 'AdministratorAccess'),
    ssoProfile('staging', '444455556666', 'DeveloperAccess'),
    ssoProfile('prod', '123456789012', 'ReadOnlyAccess'),
    section('profile deploy', {
      source_profile: 'dev',
      role_arn: 'arn:aws:iam::444455556666:role/Deploy',
      region: 'eu-central-1',
    }),
    section('profile legacy', {
      sso_start_url: startUrl,
      sso_region: region,
      sso_account_id: '444455556666',
      sso_role_name: 'ReadOnlyAccess',
      region: 'eu-central-1',
    }),
  ].join('\n');
}

const ssoProfile = (name: string, accountId: string, roleName: string): string =>
  section(`profile ${name}`, {
    sso_session: 'emulated',
    sso_account_id: accountId,
    sso_role_name: roleName,
    region: 'eu-central-1',
  });

const section = (header: string, keys: Readonly<Record<string, string>>): string =>
  `[${header}]\n${Object.entries(keys)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')}`;
