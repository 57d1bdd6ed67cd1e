/** What one profile says about where its credentials come from, as `config/` hands it over. */
import type { Offer } from './offers.ts';

export interface Origin {
  readonly file: string;
  /** Counted from 1; 0 where no line is known. */
  readonly line: number;
}

interface ProfileBase {
  readonly name: string;
  readonly region: string | null;
  readonly description: string | null;
  readonly origin: Origin;
}

export interface SsoProfileSettings extends ProfileBase {
  readonly kind: 'sso';
  readonly session: string;
  readonly accountId: string;
  readonly roleName: string;
}

export interface BritiveProfileSettings extends ProfileBase {
  readonly kind: 'britive';
  readonly session: string;
  readonly application: string;
  /** A name, an alternate name or an id; the application's name where the path has two parts. */
  readonly environment: string;
  /** The profile's name in Britive. */
  readonly access: string;
  /** What it stands for in the tenant's catalogue, null while that is not known. */
  readonly offer: Offer | null;
  /** It stands in no file: the catalogue offers it. */
  readonly implied: boolean;
}

/** What a role is asked for with. */
interface RoleBase extends ProfileBase {
  readonly roleArn: string;
  /** Null for the user's own at this machine. */
  readonly sessionName: string | null;
  /** Null for upstream's own, an hour. */
  readonly durationMs: number | null;
  /** `AWS_ENDPOINT_URL_STS` and the like, null for the region's own. */
  readonly stsEndpoint: string | null;
}

/** A role that is assumed with another profile's credentials; a chain of roles is one of these for each. */
export interface RoleProfileSettings extends RoleBase {
  readonly kind: 'role';
  /** The profile whose credentials are used. */
  readonly source: string;
  readonly externalId: string | null;
  readonly mfaSerial: string | null;
  readonly sourceIdentity: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A role that is assumed with an identity token out of a file. */
export interface WebIdentityProfileSettings extends RoleBase {
  readonly kind: 'web-identity';
  readonly tokenFile: string;
}

/** What a helper program prints, as `credential_process` has it. */
export interface ProcessProfileSettings extends ProfileBase {
  readonly kind: 'process';
  /** As in the file: its words, and nothing that a shell would make of them. */
  readonly command: string;
}

/** What `aws login` left in its cache. */
interface AwsLoginProfileSettings extends ProfileBase {
  readonly kind: 'aws-login';
  /** The principal's ARN. */
  readonly loginSession: string;
}

/** A profile that stands in the files and cannot be served; `problem` says why and what to do. */
export interface UnservedProfileSettings extends ProfileBase {
  readonly kind: 'unserved';
  readonly problem: string;
  /**
   * It has no credentials of its own: nothing, keys that end by themselves as `checkout` writes them, or a command that
   * asks us. What a catalogue offers under its name is what it stands for.
   */
  readonly yields: boolean;
}

/** What needs a sign-in of its own. */
export type SessionProfileSettings = SsoProfileSettings | BritiveProfileSettings;

/** What a lease is made from. */
export type ServedProfileSettings =
  | SessionProfileSettings
  | RoleProfileSettings
  | WebIdentityProfileSettings
  | ProcessProfileSettings
  | AwsLoginProfileSettings;

export type ProfileSettings = ServedProfileSettings | UnservedProfileSettings;
