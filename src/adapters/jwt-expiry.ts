import { parseObject } from './json.ts';

/** Milliseconds since the epoch; null for what is no JWT (RFC 7519), or does not say. Nothing is verified. */
export const jwtExpiry = (token: string): number | null => {
  const [, payload = ''] = token.split('.');
  const exp = parseObject(Buffer.from(payload, 'base64url').toString())?.['exp'];
  return typeof exp === 'number' ? exp * 1000 : null;
};
