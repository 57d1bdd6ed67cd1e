/** An emulated STS with a user who has an MFA device, and roles that trust them in different ways. */
import { type Credentials, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import type { Knobs } from '../../src/emulator/index.ts';
import { totp } from '../../src/emulator/totp.ts';
import { type Emulated, emulated } from './emulated.ts';
import { hours } from './fake-clock.ts';

export interface AnyKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Keys that no AWS answers to. */
export const opsKeys = {
  arn: 'arn:aws:iam::111122223333:user/ops',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

export const mfaSerial = 'arn:aws:iam::111122223333:mfa/ops';
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** The user and the device, as knobs. */
export const userOf = () =>
  ({ userKeys: [opsKeys], mfaDevices: [{ serial: mfaSerial, userArn: opsKeys.arn, secret }] }) as const;

const role = (name: string): string => `arn:aws:iam::444455556666:role/${name}`;

export const roles = {
  open: { arn: role('Open'), maxLifeMs: hours(12), externalId: null },
  short: { arn: role('Short'), maxLifeMs: hours(1), externalId: null },
  partner: { arn: role('Partner'), maxLifeMs: hours(1), externalId: 'partner-7' },
  guarded: { arn: role('Guarded'), maxLifeMs: hours(12), externalId: null, requiresMfa: true },
  /** The second and the third hop of a chain. */
  second: { arn: role('Second'), maxLifeMs: hours(12), externalId: null, principals: [role('Open')] },
  third: { arn: role('Third'), maxLifeMs: hours(12), externalId: null, principals: [role('Second')] },
  plain: {
    arn: role('Plain'),
    maxLifeMs: hours(12),
    externalId: null,
    allowsTags: false,
    allowsSourceIdentity: false,
  },
} as const;

export interface StsWorld extends Emulated {
  /** The code that the device shows now, or showed so long ago. */
  readonly code: (agoMs?: number) => string;
  readonly client: (keys: AnyKeys) => STSClient;
}

/** Another code of the device, a wrong one. */
export const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

export async function stsWorld(knobs: Partial<Knobs> = {}): Promise<StsWorld> {
  const fixed = { ...userOf(), roles: Object.values(roles) };
  const parts = await emulated({ ...fixed, ...knobs });
  const { emulator, clock } = parts;
  const client = (credentials: AnyKeys): STSClient => {
    const config: STSClientConfig = {
      endpoint: emulator.environment.AWS_ENDPOINT_URL_STS,
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
      systemClockOffset: clock.now() - Date.now(),
    };
    return new STSClient(config);
  };
  return { ...parts, client, code: (agoMs = 0) => totp(secret, clock.now() - agoMs) };
}

/** What the SDK answers with, as keys. */
export const keysIn = (answer: { readonly Credentials?: Partial<Credentials> | undefined }): AnyKeys => {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
};
