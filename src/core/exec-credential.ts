import type { ExecCredential } from './eks-views.ts';
import type { EpochMs } from './types.ts';
import { wireTime } from './wire-time.ts';

const encoder = new TextEncoder();

/** For kubectl, which takes a token without an end until a cluster refuses it. */
export const execCredential = (token: string, expiresAt: EpochMs | null): Uint8Array => {
  const credential: ExecCredential = {
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    status: { token, ...(expiresAt !== null && { expirationTimestamp: wireTime(expiresAt) }) },
  };
  return encoder.encode(JSON.stringify(credential));
};
