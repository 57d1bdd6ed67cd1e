/** What a test, a demo or a fault file may turn while the emulator runs. Durations are milliseconds. */
import { certificateAuthority } from './certificate-authority.ts';
import type { IdentityProvider, MfaDevice, Role, UserKeys } from './iam.ts';
import { hexOf } from './random.ts';

export interface PermissionSet {
  readonly name: string;
  /** How long its credentials live: 1 to 12 hours at AWS. */
  readonly lifeMs: number;
}

export interface Account {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  /** The permission sets assigned to the person here; none hides the account. */
  readonly permissionSets: readonly PermissionSet[];
}

/** A Kubernetes cluster of EKS. */
export interface Cluster {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  /** Nothing listens at those that are there from the start. */
  readonly endpoint: string;
  /** Base64 of PEM. */
  readonly certificateAuthority: string;
}

export interface Knobs {
  /** Where the Identity Center instance lives; every other region refuses its tokens. */
  region: string;
  /** What a refresh returns: a new refresh token, the same one, or none. */
  rotation: 'always' | 'never' | 'omit';
  /** What a replaced refresh token is worth. */
  oldToken: 'valid' | 'reject' | 'revokeFamily' | { readonly graceMs: number };
  accessTokenLifeMs: number;
  /** For registrations without a scope, which get no refresh token. */
  legacyTokenLifeMs: number;
  sessionLifeMs: number;
  registrationLifeMs: number;
  authorizationCodeLifeMs: number;
  deviceIntervalMs: number;
  deviceLifeMs: number;
  /** The pages allow by themselves, and a device is allowed from the start: nobody has to click. */
  autoApprove: boolean;
  /** The most that a page of a listing holds, whatever the client asks for. */
  pageSize: number;
  portalCallsPerSecond: number;
  /** How CreateToken refuses what another region issued; reports of AWS's answer differ. */
  wrongRegion: 'InvalidGrantException' | 'InvalidRequestException';
  /** How long the portal still accepts an access token that was revoked. */
  revokeLagMs: number;
  userName: string;
  accounts: readonly Account[];
  roles: readonly Role[];
  userKeys: readonly UserKeys[];
  mfaDevices: readonly MfaDevice[];
  identityProviders: readonly IdentityProvider[];
  /** Where STS is not activated. */
  disabledRegions: readonly string[];
  /** So many calls to STS are throttled before it answers again. */
  throttledStsCalls: number;
  clusters: readonly Cluster[];
  /** How long an `aws login` can be refreshed, and how long the credentials of one refresh live: 15 minutes at most at AWS. */
  loginSessionLifeMs: number;
  loginCredentialsLifeMs: number;
  /** The console's federation endpoint takes POST, too. */
  federationTakesPost: boolean;
  /** So many lists of clusters are still empty, as they are for keys that are not known everywhere yet. */
  emptyClusterLists: number;
}

const seconds = (count: number): number => count * 1000;
const minutes = (count: number): number => seconds(count * 60);
const hours = (count: number): number => minutes(count * 60);

const developer = { name: 'DeveloperAccess', lifeMs: hours(1) };
const readOnly = { name: 'ReadOnlyAccess', lifeMs: hours(12) };
const administrator = { name: 'AdministratorAccess', lifeMs: hours(1) };

const accounts: readonly Account[] = [
  account('111122223333', 'Development', [developer, administrator]),
  account('444455556666', 'Staging', [developer, readOnly]),
  account('123456789012', 'Production', [readOnly]),
];

function account(accountId: string, name: string, permissionSets: readonly PermissionSet[]): Account {
  return { accountId, name, email: `${name.toLowerCase()}@example.com`, permissionSets };
}

const clusters: readonly Cluster[] = [
  cluster('111122223333', 'blue'),
  cluster('111122223333', 'green'),
  cluster('444455556666', 'staging'),
];

function cluster(accountId: string, name: string): Cluster {
  const region = 'eu-central-1';
  const id = hexOf(`${accountId}/${name}`, 32).toUpperCase();
  const endpoint = `https://${id}.gr7.${region}.eks.amazonaws.com`;
  return { accountId, region, name, endpoint, certificateAuthority };
}

/** AWS's own numbers where they are known. */
export const defaultKnobs = (): Knobs => ({
  region: 'us-east-1',
  rotation: 'always',
  oldToken: 'reject',
  accessTokenLifeMs: hours(1),
  legacyTokenLifeMs: hours(8),
  sessionLifeMs: hours(8),
  registrationLifeMs: hours(90 * 24),
  authorizationCodeLifeMs: minutes(10),
  deviceIntervalMs: seconds(5),
  deviceLifeMs: minutes(10),
  autoApprove: false,
  pageSize: 100,
  portalCallsPerSecond: 20,
  wrongRegion: 'InvalidGrantException',
  revokeLagMs: 0,
  userName: 'dev@example.com',
  accounts,
  roles: [{ arn: 'arn:aws:iam::444455556666:role/Deploy', maxLifeMs: hours(12), externalId: null }],
  userKeys: [],
  mfaDevices: [],
  identityProviders: [],
  disabledRegions: [],
  throttledStsCalls: 0,
  clusters,
  loginSessionLifeMs: hours(12),
  loginCredentialsLifeMs: minutes(15),
  federationTakesPost: true,
  emptyClusterLists: 0,
});
