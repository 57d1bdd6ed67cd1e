/** Everything that can be asked of the emulator, by the names in the service models and ours for the pages. */
const operations = [
  'RegisterClient',
  'StartDeviceAuthorization',
  'CreateToken',
  'Authorize',
  'SignInPage',
  'DevicePage',
  'GetRoleCredentials',
  'ListAccounts',
  'ListAccountRoles',
  'Logout',
  'GetCallerIdentity',
  'AssumeRole',
  /** A path, a method or an STS action that does not exist here. */
  'Unknown',
] as const;

export type Operation = (typeof operations)[number];

export const isOperation = (value: unknown): value is Operation => operations.some((operation) => operation === value);
