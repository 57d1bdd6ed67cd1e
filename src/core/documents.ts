/**
 * The two documents clients read. Easy to confuse: the container endpoint says `Token`, credential_process says
 * `SessionToken` and `Version: 1`. Both are serialised once per generation.
 */
import type { Served } from './api.ts';
import { BrokerError } from './errors.ts';
import type { Credentials, EpochMs } from './types.ts';
import { wireTime } from './wire-time.ts';

/** aws-c-auth closes the connection at 10 000 bytes. */
const containerLimit = 10_000;
/** The Go SDK's first generation reads 8 KiB of a process's output. */
const processLimit = 8_000;

const encoder = new TextEncoder();

type RenderServed = (profile: string, generation: number, credentials: Credentials, now: EpochMs) => Served;

/** Throws `UpstreamMalformed` for credentials that clients could not read. */
export const renderServed: RenderServed = (profile, generation, credentials, now) => {
  requireStrings(profile, credentials);
  return {
    profile,
    generation,
    expiresAt: credentials.expiresAt,
    keySuffix: credentials.accessKeyId.slice(-4),
    transaction: credentials.transaction,
    container: encode(profile, containerDocument(credentials, now), containerLimit),
    process: encode(profile, processDocument(credentials), processLimit),
  };
};

function containerDocument(credentials: Credentials, now: EpochMs): object {
  return {
    Code: 'Success',
    LastUpdated: wireTime(now),
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: wireTime(credentials.expiresAt),
    ...accountOf(credentials),
    ...(credentials.roleArn === null ? {} : { RoleArn: credentials.roleArn }),
  };
}

function processDocument(credentials: Credentials): object {
  return {
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: wireTime(credentials.expiresAt),
    ...accountOf(credentials),
  };
}

/** Absent rather than wrong: clients reject null, and an account id is twelve digits. */
const accountOf = ({ accountId }: Credentials): object =>
  accountId !== null && /^\d{12}$/.test(accountId) ? { AccountId: accountId } : {};

/** A line break in a value would forge lines in every text format made from it (CVE-2024-50338's class). */
function requireStrings(profile: string, credentials: Credentials): void {
  const values = [credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken];
  if (values.every((value) => /^[\x21-\x7e]+$/.test(value))) return;
  throw new BrokerError('UpstreamMalformed', `Upstream sent credentials for "${profile}" that no client could use`);
}

function encode(profile: string, document: object, limit: number): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(document));
  if (bytes.byteLength < limit) return bytes;
  throw new BrokerError('UpstreamMalformed', `Credentials for "${profile}" are too large for AWS clients`);
}
