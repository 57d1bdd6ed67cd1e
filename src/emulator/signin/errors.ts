import { json, Refused } from '../call.ts';

const refusals = {
  TOKEN_EXPIRED: { name: 'AccessDeniedException', status: 401 },
  AUTHCODE_EXPIRED: { name: 'AccessDeniedException', status: 401 },
  USER_CREDENTIALS_CHANGED: { name: 'AccessDeniedException', status: 403 },
  INSUFFICIENT_PERMISSIONS: { name: 'AccessDeniedException', status: 403 },
  INVALID_REQUEST: { name: 'ValidationException', status: 400 },
} as const;

/** By the `error` of the answer, which alone tells the refusals of one name apart. */
export type SigninRefusal = keyof typeof refusals;

export function signinError(error: SigninRefusal, message: string): Refused {
  const { name, status } = refusals[error];
  const headers = { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws.signin/` };
  return new Refused(error, () => json(status, { error, message }, headers));
}
