import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/core/types.ts';
import { callerIdentity } from '../../../src/providers/aws-sts/index.ts';
import type { Fetch } from '../../../src/providers/http.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { errorXml, staticKeys } from './world.ts';

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** What the provider makes of that answer. */
const judged = (status: number, text: string, headers: Readonly<Record<string, string>> = {}) => {
  const all: Readonly<Record<string, string>> = { 'content-type': 'text/xml', ...headers };
  const fetch: Fetch = async () => ({ status, headers: { get: (name) => all[name] ?? null }, body: streamOf(text) });
  const target = { region: 'eu-central-1', stsEndpoint: null, fips: false };
  const { signal } = new AbortController();
  return callerIdentity({ fetch, clock: new FakeClock() }, { target, keys: staticKeys, signal });
};

const forbidden = (detail: string) => ({ type: 'denied', why: 'forbidden', detail }) as const;
const badRequest = (detail: string) => ({ type: 'denied', why: 'bad-request', detail }) as const;
const unauthorized = (detail: string) => ({ type: 'unauthorized', detail }) as const;
const later = (why: '429' | '5xx' | 'timeout', name: string) =>
  ({ type: 'transient', why, detail: `STS answered ${name}`, retryAfterMs: null }) as const;
const unknownKey = unauthorized('it does not know the access key it was asked with');
const expired = unauthorized('what it was asked with has expired');

describe('every documented error', () => {
  it.each<[number, string, Verdict<never>]>([
    // The operations' own, in the service model.
    [400, 'ExpiredTokenException', expired],
    [400, 'IDPCommunicationError', later('5xx', 'IDPCommunicationError')],
    [403, 'IDPRejectedClaim', forbidden('the identity provider rejected the web identity token')],
    [400, 'InvalidIdentityToken', unauthorized('it does not take the web identity token')],
    [400, 'MalformedPolicyDocument', badRequest('the session policy is malformed')],
    [400, 'PackedPolicyTooLarge', badRequest('the session tags and policies are too large together')],
    [
      403,
      'RegionDisabledException',
      forbidden('STS is not activated in this region; use another one, or activate it in IAM'),
    ],
    // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
    [403, 'AccessDenied', forbidden('sts:GetCallerIdentity is not allowed; see its trust policy and external ID')],
    [
      400,
      'AccessDeniedException',
      forbidden('sts:GetCallerIdentity is not allowed; see its trust policy and external ID'),
    ],
    [403, 'ExpiredToken', expired],
    [400, 'IncompleteSignature', badRequest('it answered IncompleteSignature')],
    [400, 'InternalFailure', later('5xx', 'InternalFailure')],
    [400, 'InvalidAction', badRequest('it answered InvalidAction')],
    [403, 'InvalidClientTokenId', unknownKey],
    [403, 'UnrecognizedClientException', unknownKey],
    [400, 'MalformedQueryString', badRequest('it answered MalformedQueryString')],
    [403, 'MissingAuthenticationToken', forbidden('it answered MissingAuthenticationToken')],
    [403, 'NotAuthorized', forbidden('it answered NotAuthorized')],
    [403, 'OptInRequired', forbidden('the account is not signed up for it')],
    [400, 'RequestExpired', badRequest('it answered RequestExpired')],
    [400, 'ServiceUnavailable', later('5xx', 'ServiceUnavailable')],
    [403, 'SignatureDoesNotMatch', forbidden('the secret access key does not belong to the access key')],
    [400, 'Throttling', later('429', 'Throttling')],
    [400, 'ThrottlingException', later('429', 'Throttling')],
    [400, 'RequestLimitExceeded', later('429', 'RequestLimitExceeded')],
    [400, 'RequestTimeoutException', later('timeout', 'RequestTimeout')],
    [400, 'ValidationError', badRequest('it answered ValidationError')],
    // Nothing that comes from there is looked up or repeated blindly.
    [400, 'constructor', badRequest('it answered constructor')],
    [400, 'Oops: secret/1', badRequest('it answered an error')],
  ])('%i %s has its verdict', async (status, code, verdict) => {
    expect(await judged(status, errorXml(code, 'SECRET of upstream'))).toEqual(verdict);
  });

  it.each<[string, Verdict<never>]>([
    [
      'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
      { type: 'denied', why: 'needs-otp', detail: 'the one-time password is not accepted; wait for the next one' },
    ],
    [
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
      badRequest('the MFA serial number is not that of a device of this user'),
    ],
    [
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
      badRequest('the MFA serial number is not that of a device of this user'),
    ],
  ])('AccessDenied that says "%s" is about the second factor', async (message, verdict) => {
    expect(await judged(403, errorXml('AccessDenied', message))).toEqual(verdict);
  });
});

const identity = (content: string): string =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${content}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
const whole = identity('<Arn>arn:aws:iam::1:user/a</Arn><UserId>AIDA</UserId><Account>000000000001</Account>');

describe('an answer', () => {
  it('case 61: has its entities decoded, by name and by number, once', async () => {
    const text = identity(
      '<Arn>arn:aws:iam::1:user/a&amp;b&#39;&#x3c;&lt;&gt;&quot;&apos;&amp;lt;</Arn><UserId>1e5</UserId><Account>000000000001</Account>',
    );
    expect(await judged(200, `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`)).toEqual({
      type: 'ok',
      value: { arn: `arn:aws:iam::1:user/a&b'<<>"'&lt;`, userId: '1e5', accountId: '000000000001' },
    });
  });

  const unreadable = (status: number) => ({
    type: 'transient',
    why: 'bad-body',
    detail: `the answer is not the expected XML (${status})`,
    retryAfterMs: null,
  });
  const incomplete = { type: 'transient', why: 'bad-body', detail: 'STS answered without a field it promises' };

  it.each([
    ['a document type', `<!DOCTYPE a [<!ENTITY x "y">]>${whole}`],
    ['a document type in other letters', `<?xml version="1.0"?><!doctype a>${whole}`],
    ['an entity alone', `<!ENTITY x "y">${whole}`],
    ['a second root', `${whole}<b>2</b>`],
    ['an end that was cut off', whole.slice(0, -5)],
    ['no end', whole.slice(0, whole.lastIndexOf('</'))],
    ['text', 'plain'],
    ['JSON', '{"Account":"1"}'],
    ['nothing', ''],
    ['names that are no names', '<__proto__><Arn>a</Arn></__proto__>'],
  ])('case 61: with %s is not read', async (_what, text) => {
    expect(await judged(200, text)).toEqual(unreadable(200));
    expect(await judged(403, text)).toEqual(unreadable(403));
  });

  it.each([
    ['a missing field', identity('<Arn>a</Arn><Account>1</Account>')],
    ['an empty field', identity('<Arn>a</Arn><UserId/><Account>1</Account>')],
    ['a field twice', identity('<Arn>a</Arn><Arn>b</Arn><UserId>1</UserId><Account>1</Account>')],
    ['another root', '<a><b>1</b></a>'],
  ])('with %s is not believed', async (_what, text) => {
    expect(await judged(200, text)).toMatchObject(incomplete);
  });

  it('that refuses without a code proves nothing', async () => {
    expect(await judged(403, '<a><b>1</b></a>')).toMatchObject({ type: 'transient', why: 'bad-body' });
  });

  it.each<[string, number, string, Readonly<Record<string, string>>, object]>([
    ['a log-in page', 200, '<!DOCTYPE html><p>Welcome</p>', { 'content-type': 'text/html' }, { why: 'captive-portal' }],
    ['a page that calls itself XML', 200, '\n<html><p>Welcome</p></html>', {}, { why: 'captive-portal' }],
    ['a redirect', 302, '', {}, { why: 'captive-portal' }],
    ['a proxy', 407, '', {}, { why: 'proxy' }],
    ['a network that wants a sign-in', 511, '', {}, { why: 'captive-portal' }],
    ['too many requests', 429, '', { 'retry-after': '7' }, { why: '429', retryAfterMs: 7000 }],
    ['a failure', 500, errorXml('InternalFailure', ''), {}, { why: '5xx' }],
    ['a failure in between', 502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }, { why: '5xx' }],
    ['a pause', 503, errorXml('Throttling', ''), { 'retry-after': '2' }, { why: '5xx', retryAfterMs: 2000 }],
  ])('of %s is transient', async (_whose, status, text, headers, verdict) => {
    expect(await judged(status, text, headers)).toMatchObject({ type: 'transient', ...verdict });
  });
});
