import { stsError } from './errors.ts';
import type { IssuedKeys } from './keys.ts';
import type { SecondFactors } from './second-factors.ts';
import { optionalText } from './sts-form.ts';

/** Whether a second factor was shown in this call; refuses one that proves nothing. */
export function showsSecondFactor(factors: SecondFactors, form: URLSearchParams, signer: IssuedKeys): boolean {
  const serial = optionalText(form, 'SerialNumber', { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' });
  const code = optionalText(form, 'TokenCode', { min: 6, max: 6, pattern: '[\\d]*' });
  if (serial === null && code === null) return false;
  if (serial === null || code === null) throw failed(', must provide both MFA serial number and one time pass code.');
  if (!factors.isDeviceOf(signer.principal.arn, serial)) {
    throw failed(
      ', unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  }
  if (!factors.accept(serial, code)) throw failed(' with invalid MFA one time pass code. ');
  return true;
}

const failed = (words: string) => stsError('AccessDenied', `MultiFactorAuthentication failed${words}`);
