import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { GrantSecrets } from '../src/core/grants.ts';

/** Tokens as every SDK can send them: `[A-Za-z0-9_-]`, no line break. */
export const grantSecrets: GrantSecrets = {
  newToken: () => `cb_${randomBytes(32).toString('base64url')}`,
  digest: (token) => hash('sha256', token, 'hex'),
  same: (one, other) => timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex')),
};
