/** CreateOAuth2Token of the sign-in service: what `aws login` and every SDK after it call. */
import { type Answer, type Call, type Handler, json } from '../call.ts';
import { jsonBody, optionalText } from '../json-body.ts';
import { opaque } from '../random.ts';
import type { Proofs } from './dpop.ts';
import { signinError } from './errors.ts';
import type { Asking, IssuedLogin, Logins } from './logins.ts';

export interface SigninParts {
  readonly logins: Logins;
  readonly proofs: Proofs;
  readonly now: () => number;
}

export const createOAuth2Token =
  ({ logins, proofs, now }: SigninParts): Handler =>
  (call) => {
    const input = inputOf(call);
    const clientId = input('clientId');
    if (!/^arn:aws:signin:::devtools\/(cross|same)-device$/.test(clientId)) throw invalid('clientId');
    const asking: Asking = { clientId, region: call.region, thumbprint: proofs.check(call) };
    switch (input('grantType')) {
      case 'refresh_token':
        return answerOf(logins.refresh(input('refreshToken'), asking), now());
      case 'authorization_code': {
        const redemption = {
          code: input('code'),
          codeVerifier: input('codeVerifier'),
          redirectUri: input('redirectUri'),
        };
        return answerOf(logins.redeem({ ...asking, ...redemption }), now(), clientId);
      }
      default:
        throw invalid('grantType');
    }
  };

function inputOf(call: Call): (name: string) => string {
  const body = jsonBody(call);
  return (name) => {
    const value = optionalText(body, name);
    if (value === null || value === '') throw invalid(name);
    return value;
  };
}

/** The code grant alone has an ID token, for its client. */
function answerOf({ principalArn, keys, refreshToken }: IssuedLogin, now: number, audience?: string): Answer {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return json(200, {
    accessToken: { accessKeyId, secretAccessKey, sessionToken },
    tokenType: 'aws_sigv4',
    expiresIn: Math.max(1, Math.floor((keys.expiresAt - now) / 1000)),
    refreshToken,
    ...(audience !== undefined && { idToken: idToken(principalArn, audience, now) }),
  });
}

/** Nobody checks its signature: clients read its `sub`. */
function idToken(principalArn: string, audience: string, now: number): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(now / 1000);
  const times = { iat, exp: iat + 900 };
  const claims = {
    sub: principalArn,
    session_arn: principalArn,
    aud: audience,
    iss: 'https://signin.aws.amazon.com/signin',
  };
  return `${encode({ typ: 'JWT', alg: 'ES384' })}.${encode({ ...claims, ...times })}.${opaque(96)}`;
}

const invalid = (name: string) => signinError('INVALID_REQUEST', `Invalid value for ${name}`);
