/** What the administrators of the accounts have set up, as knobs. */
import type { JsonWebKey } from 'node:crypto';

/** A role, and who may assume it how. A condition that is absent is none. */
export interface Role {
  readonly arn: string;
  readonly maxLifeMs: number;
  readonly externalId: string | null;
  /** ARNs of users, roles or role sessions, `arn:aws:iam::ACCOUNT:root` for a whole account; everybody where absent. */
  readonly principals?: readonly string[];
  readonly requiresMfa?: boolean;
  /** `sts:TagSession`; true where absent. */
  readonly allowsTags?: boolean;
  /** `sts:SetSourceIdentity`; true where absent. */
  readonly allowsSourceIdentity?: boolean;
  /** Whom an identity provider vouches for; no web identity assumes the role where absent. */
  readonly webIdentity?: { readonly issuer: string; readonly subject: string };
}

/** An IAM user's static keys, which STS accepts as it accepts issued ones. */
export interface UserKeys {
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A user's virtual MFA device. */
export interface MfaDevice {
  readonly serial: string;
  readonly userArn: string;
  /** Base32, as in the QR code. */
  readonly secret: string;
}

/** An OpenID Connect provider that the accounts trust. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Its JWKS; null while STS cannot reach it. */
  readonly keys: readonly JsonWebKey[] | null;
}
