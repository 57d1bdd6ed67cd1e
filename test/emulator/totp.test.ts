import { expect, it } from 'vitest';
import { totp } from '../../src/emulator/totp.ts';

/** "12345678901234567890" of RFC 6238, appendix B, whose codes have eight digits; ours are the last six. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('shows at second %i what RFC 6238 says', (seconds, code) => {
  expect(totp(secret, seconds * 1000)).toBe(code);
});
