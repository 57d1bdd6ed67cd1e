/** AWS credentials in the forms that `checkout -o` prints. Whatever upstream sent, none of them can be made to run. */
import type { CredentialDocument } from '../client.ts';
import type { IssuedView } from '../core/checkout-views.ts';
import { BrokerError } from '../core/errors.ts';
import { type Shell, shellLines } from './shell-text.ts';
import { remaining, remainingAtMost, whole } from './time.ts';

export interface AwsCheckout {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expiration: string;
  readonly accountId: string | null;
  readonly region: string | null;
}

export type OutputFormat = 'env' | 'fish' | 'powershell' | 'json' | 'process';

/** From the daemon's `process` document. Throws where a value is missing, or is none that a client could use. */
export function awsCheckoutOf(document: CredentialDocument, region: string | null): AwsCheckout {
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
    AccountId: accountId = null,
  } = document;
  const found = { accessKeyId, secretAccessKey, sessionToken, expiration, accountId, region };
  if (isUsable(found) && !Number.isNaN(Date.parse(found.expiration))) return found;
  throw new BrokerError(
    'UpstreamMalformed',
    'Upstream sent credentials that no client could use. Run: credbroker status',
  );
}

/** From the payload of an AWS application. Its own region counts where the profile names none. */
export const awsCheckoutOfPayload = ({ document, expiresAt }: IssuedView, region: string | null): AwsCheckout => {
  const { accessKeyId, secretAccessKey, sessionToken, region: ownRegion } = document;
  const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken };
  return awsCheckoutOf(
    { ...keys, Expiration: expiresAt },
    region ?? (typeof ownRegion === 'string' ? ownRegion : null),
  );
};

const isUsable = (found: Readonly<Record<keyof AwsCheckout, unknown>>): found is AwsCheckout => {
  const isText = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
  const { accountId, region, ...needed } = found;
  return Object.values(needed).every(isText) && [accountId, region].every((value) => value === null || isText(value));
};

/** Ends in a line break. `env` is the environment of the shell that will read the assignments. */
export function renderCheckout(format: OutputFormat, checkout: AwsCheckout, env: NodeJS.ProcessEnv): string {
  if (format === 'process') return `${JSON.stringify(processDocument(checkout))}\n`;
  if (format === 'json') return `${JSON.stringify(plainDocument(checkout), null, 2)}\n`;
  return shellLines(shells[format], {
    set: variables(checkout),
    unset: rivals.filter((name) => env[name] !== undefined),
  });
}

const shells = { env: 'sh', fish: 'fish', powershell: 'powershell' } as const satisfies Record<string, Shell>;

/** The JavaScript SDK passes over the keys where a profile is named; older SDKs prefer another token. */
const rivals = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN'] as const;

const variables = (checkout: AwsCheckout): Readonly<Record<string, string>> => ({
  AWS_ACCESS_KEY_ID: checkout.accessKeyId,
  AWS_SECRET_ACCESS_KEY: checkout.secretAccessKey,
  AWS_SESSION_TOKEN: checkout.sessionToken,
  // As `aws configure export-credentials` names it.
  AWS_CREDENTIAL_EXPIRATION: checkout.expiration,
  ...(checkout.accountId === null ? {} : { AWS_ACCOUNT_ID: checkout.accountId }),
  // botocore reads only the second.
  ...(checkout.region === null ? {} : { AWS_REGION: checkout.region, AWS_DEFAULT_REGION: checkout.region }),
});

const processDocument = (checkout: AwsCheckout): object => ({
  Version: 1,
  AccessKeyId: checkout.accessKeyId,
  SecretAccessKey: checkout.secretAccessKey,
  SessionToken: checkout.sessionToken,
  Expiration: checkout.expiration,
  ...(checkout.accountId === null ? {} : { AccountId: checkout.accountId }),
});

/** The names that bctl's scripts know. */
const plainDocument = ({ accountId, region, ...keys }: AwsCheckout): object => ({
  ...keys,
  ...(accountId === null ? {} : { accountId }),
  ...(region === null ? {} : { region }),
});

/** What `checkout -o awscreds` says when it asked nobody. */
export const alreadyCheckedOut = (alias: string, expiresAt: string, now: number): string =>
  `${alias} is already checked out (expires in ${whole(remaining(expiresAt, now))})`;

/** What it says of credentials that came a moment ago. */
export const checkedOut = (alias: string, expiresAt: string, now: number): string =>
  `Checked out ${alias} (expires in ${whole(remainingAtMost(expiresAt, now))})`;
