import type { Credentials, Renewal, Verdict } from '../../core/types.ts';
import type { Wish } from '../../core/wish.ts';
import type { SigningKeys } from '../sigv4.ts';
import type { CredentialSource, SourceDependencies } from './credential-sources.ts';

export interface StsDependencies extends SourceDependencies {
  /** Static keys from the secret store. Never throws. */
  readonly readKeys: (name: string) => Promise<Verdict<SigningKeys>>;
  /** For the names of role sessions, which administrators read in CloudTrail. */
  readonly user: string;
  readonly host: string;
  /** Something is not as the settings ask, and works all the same. One sentence. */
  readonly warn: (message: string) => void;
}

/** Which STS. */
export interface StsTarget {
  /** Signed for, and asked where `stsEndpoint` names no other place. */
  readonly region: string;
  readonly stsEndpoint: string | null;
  readonly fips: boolean;
}

/** One hop of a chain. */
export interface RoleSettings extends StsTarget {
  /** The profile's. */
  readonly name: string;
  /** The stored static keys that assume the role. */
  readonly keys: string | null;
  /** What assumes the role in no profile's name; where it and `keys` are null, the parent profile's credentials do. */
  readonly credentialSource: CredentialSource | null;
  readonly roleArn: string;
  /** Null for the user's name and the machine's. */
  readonly sessionName: string | null;
  readonly externalId: string | null;
  /** Null for upstream's own, an hour. */
  readonly durationMs: number | null;
  readonly mfaSerial: string | null;
  readonly sourceIdentity: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface WebIdentitySettings extends StsTarget {
  readonly name: string;
  /** Null where the ID token of a session is meant. */
  readonly tokenFile: string | null;
  readonly roleArn: string;
  readonly sessionName: string | null;
  /** Null for upstream's own, an hour. */
  readonly durationMs: number | null;
}

/** Stored static keys, which leave the store as sessions alone. */
export interface KeysSettings extends StsTarget {
  readonly name: string;
  readonly keys: string;
  readonly mfaSerial: string | null;
  /** Null for upstream's own, twelve hours. */
  readonly durationMs: number | null;
}

export interface StsRequest {
  /** The parent profile's credentials, fresh. */
  readonly source: SigningKeys | null;
  /** The ID token of the session, for a web identity without a file. */
  readonly idToken: string | null;
  /** Null for a program, whom nobody can ask for a one-time password. */
  readonly wish: Wish | null;
  readonly signal: AbortSignal;
}

/** One profile's credentials. Never throws. */
export interface StsLease {
  readonly renewal: Renewal;
  /** False where a one-time password is needed. */
  readonly prefetch: boolean;
  /** `unauthorized` is about the source: it is to be renewed, and the lease asked once more. */
  readonly acquire: (request: StsRequest) => Promise<Verdict<Credentials>>;
}
