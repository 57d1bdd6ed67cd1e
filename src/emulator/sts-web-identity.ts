/** AssumeRoleWithWebIdentity, which nobody signs: the ID token speaks for its bearer. */
import type { Answer, Call } from './call.ts';
import { stsError } from './errors.ts';
import type { IdentityProvider } from './iam.ts';
import { type IdToken, readIdToken } from './id-token.ts';
import type { StsParts } from './sts.ts';
import { answer, assumedRoleUser, credentials, roleSession, text } from './sts-answer.ts';
import { refuseLongerThan, roleArnOf, roleDurationOf, sessionNameOf } from './sts-assume-role.ts';
import { requiredText } from './sts-form.ts';

export function assumeRoleWithWebIdentity({ knobs, keys, now }: StsParts, call: Call, form: URLSearchParams): Answer {
  const arn = roleArnOf(form);
  const sessionName = sessionNameOf(form);
  const seconds = roleDurationOf(form);
  const token = readIdToken(requiredText(form, 'WebIdentityToken', { min: 4, max: 20_000, pattern: '.*' }));
  if (token === null) throw notValid('is not a valid JWT. (You may see this error if you sent an Access Token)');
  const provider = knobs.identityProviders.find(({ issuer }) => issuer === token.claims['iss']);
  if (provider === undefined) {
    throw invalid(`No OpenIDConnect provider found in your account for ${token.claims['iss']}`);
  }
  const audience = verified(token, provider, Math.floor(now() / 1000));
  const subject = String(token.claims['sub']);
  const role = knobs.roles.find((candidate) => candidate.arn === arn);
  const trusted = role?.webIdentity;
  if (role === undefined || trusted?.issuer !== provider.issuer || trusted.subject !== subject) {
    throw stsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  refuseLongerThan(role, seconds);
  const issued = keys.issue(roleSession(arn, sessionName), seconds * 1000);
  const about =
    text('SubjectFromWebIdentityToken', subject) + text('Provider', provider.issuer) + text('Audience', audience);
  return answer(call, 'AssumeRoleWithWebIdentity', assumedRoleUser(issued.principal) + credentials(issued) + about);
}

/** Answers with the audience that the token is for. */
function verified(token: IdToken, { audiences, keys }: IdentityProvider, nowSeconds: number): string {
  const { aud, exp } = token.claims;
  const audience = [aud].flat().find((name) => typeof name === 'string' && audiences.includes(name));
  if (typeof audience !== 'string') throw invalid('Incorrect token audience');
  if (keys === null) {
    throw stsError('IDPCommunicationError', "Couldn't retrieve verification key from your identity provider");
  }
  const { kid } = token.header;
  const key = keys.find((candidate) => kid === undefined || candidate['kid'] === kid);
  if (key === undefined) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  if (!token.isSignedBy(key)) throw notValid('has an invalid signature');
  if (typeof exp !== 'number' || nowSeconds >= exp) {
    throw stsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${exp}`,
    );
  }
  return audience;
}

const invalid = (message: string) => stsError('InvalidIdentityToken', message);
const notValid = (words: string) => invalid(`The ID Token provided ${words}`);
