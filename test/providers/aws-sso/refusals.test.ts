import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDevicePoll, parseRegistration, parseTokens } from '../../../src/providers/aws-sso/oidc.ts';
import { parseLogout, parseRoleCredentials } from '../../../src/providers/aws-sso/portal.ts';
import type { JsonObject, Reply } from '../../../src/providers/json-reply.ts';
import { modelsAbsent } from '../../support/aws-models.ts';

const note = modelsAbsent === null ? '' : ` (skipped: ${modelsAbsent})`;

const reply = (status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Reply => ({
  type: 'json',
  status,
  body,
  header: (name) => headers[name] ?? null,
  serverDate: null,
});

const refusal = (name: string, status: number, body: JsonObject = {}): Reply =>
  reply(status, body, { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/` });

/** Every error of the token service, as the refresh of a session meets it. */
const refreshRows: readonly (readonly [string, number, object])[] = [
  ['AccessDeniedException', 400, { type: 'denied', why: 'forbidden' }],
  ['AuthorizationPendingException', 400, { type: 'transient', why: 'bad-body' }],
  ['ExpiredTokenException', 400, { type: 'rejected', why: 'invalid_grant' }],
  ['InvalidClientException', 401, { type: 'rejected', why: 'invalid_client' }],
  ['InvalidClientMetadataException', 400, { type: 'denied', why: 'bad-request' }],
  ['InvalidGrantException', 400, { type: 'rejected', why: 'invalid_grant' }],
  ['InvalidRedirectUriException', 400, { type: 'denied', why: 'bad-request' }],
  ['InvalidRequestException', 400, { type: 'denied', why: 'bad-request' }],
  ['InvalidScopeException', 400, { type: 'denied', why: 'bad-request' }],
  ['SlowDownException', 400, { type: 'transient', why: '429', retryAfterMs: 5000 }],
  ['UnauthorizedClientException', 400, { type: 'rejected', why: 'unauthorized_client' }],
  ['UnsupportedGrantTypeException', 400, { type: 'rejected', why: 'unauthorized_client' }],
  ['BrandNewException', 400, { type: 'transient', why: 'bad-body' }],
];

describe('a refusal by the token service', () => {
  it.each(refreshRows)('%s is judged by its header', (name, status, verdict) => {
    expect(parseTokens(refusal(name, status))).toMatchObject(verdict);
    expect(parseRegistration(refusal(name, status))).toMatchObject(verdict);
  });

  it.skipIf(modelsAbsent)(`is judged whatever error the service model names${note}`, () => {
    const judged = new Set(refreshRows.map(([name]) => name));
    // A 500 never gets as far as its name.
    expect([...modelErrors('sso-oidc')].filter(([name, status]) => status < 500 && !judged.has(name))).toEqual([]);
  });

  it.each([
    ['by the short name after the namespace', { __type: 'com.amazonaws.sso.oidc#InvalidGrantException' }],
    ['by the OAuth name in the body', { error: 'invalid_grant' }],
  ])('is judged %s where the header is missing', (_how, body) => {
    expect(parseTokens(reply(400, body))).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
  });

  it('never ends a session because of a body that is no error', () => {
    expect(parseTokens(reply(400, { message: 'invalid_grant' }))).toMatchObject({ type: 'transient' });
    expect(parseTokens(reply(401, {}))).toMatchObject({ type: 'transient' });
  });

  it('ends a session over a token of another region, and not over a broken key of the organisation', () => {
    const body = { error: 'invalid_request', error_description: 'Invalid token provided' };
    expect(parseTokens(reply(400, body))).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    const key = { ...body, reason: 'KMS_DisabledException' };
    expect(parseTokens(reply(400, key))).toMatchObject({ type: 'denied', why: 'bad-request' });
  });

  it('is described without a word of the answer', () => {
    const verdict = parseTokens(refusal('rt-secret', 400, { error: 'rt-secret', error_description: 'rt-secret' }));
    expect(JSON.stringify(verdict)).not.toContain('rt-secret');
  });

  it('is somebody declining only where no key policy did', () => {
    expect(parseDevicePoll(refusal('AccessDeniedException', 400))).toEqual({ type: 'declined' });
    const policy = refusal('AccessDeniedException', 400, { reason: 'KMS_AccessDeniedException' });
    expect(parseDevicePoll(policy)).toMatchObject({ type: 'denied', why: 'forbidden' });
  });
});

describe('an answer without what it promises', () => {
  it.each([{}, { accessToken: 'a' }, { accessToken: '', expiresIn: 1 }, { accessToken: 'a', expiresIn: 'soon' }])(
    'may have spent the grant: %j',
    (body) => {
      expect(parseTokens(reply(200, body)).type).toBe('ambiguous');
    },
  );

  it.each(['clientId', 'clientSecret', 'clientSecretExpiresAt'])('is no registration without %s', (missing) => {
    const body = { clientId: 'c', clientSecret: 's', clientSecretExpiresAt: 1 };
    expect(parseRegistration(reply(200, body)).type).toBe('ok');
    expect(parseRegistration(reply(200, { ...body, [missing]: undefined }))).toMatchObject({ why: 'bad-body' });
  });

  // Case 50
  it.each(['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration'])('is no role without %s', (missing) => {
    const role = { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST', expiration: 1 };
    expect(parseRoleCredentials(reply(200, { roleCredentials: role }), '1').type).toBe('ok');
    const less = { roleCredentials: { ...role, [missing]: undefined } };
    expect(parseRoleCredentials(reply(200, less), '1')).toMatchObject({ type: 'transient', why: 'bad-body' });
  });

  it.each([{}, { roleCredentials: null }, { roleCredentials: 'none' }])('is no role: %j', (body) => {
    expect(parseRoleCredentials(reply(200, body), '1')).toMatchObject({ type: 'transient', why: 'bad-body' });
  });
});

describe('a refusal by the access portal', () => {
  const rows: readonly (readonly [string, number, object])[] = [
    ['InvalidRequestException', 400, { type: 'denied', why: 'bad-request' }],
    ['UnauthorizedException', 401, { type: 'unauthorized' }],
    ['ForbiddenException', 403, { type: 'denied', why: 'forbidden' }],
    ['ResourceNotFoundException', 404, { type: 'denied', why: 'not-found' }],
  ];

  it.each(rows)('%s (%i) has its verdict', (name, status, verdict) => {
    const body = { message: 'Session token not found or invalid', __type: `com.amazonaws.switchboard.portal#${name}` };
    expect(parseRoleCredentials(reply(status, body), '1')).toMatchObject(verdict);
  });

  it.skipIf(modelsAbsent)(`has a verdict whatever error the service model names${note}`, () => {
    const judged = new Set(rows.map(([name]) => name));
    // A 429 never gets as far as its name.
    expect([...modelErrors('sso')].filter(([name, status]) => status !== 429 && !judged.has(name))).toEqual([]);
  });

  it.each([401, 403, 404])('proves nothing when %i comes without an error of AWS', (status) => {
    expect(parseRoleCredentials(reply(status, {}), '1')).toMatchObject({ type: 'transient', why: 'bad-body' });
  });

  it('is as good as a sign-out for one that had ended', () => {
    expect(parseLogout(reply(401, { message: 'no' }))).toMatchObject({ type: 'ok' });
    expect(parseLogout(reply(403, { message: 'no' }))).toMatchObject({ type: 'denied' });
  });
});

function modelErrors(service: string): ReadonlyMap<string, number> {
  const url = new URL(`../../../../shared/vectors/models/${service}.json`, import.meta.url);
  const { shapes } = JSON.parse(readFileSync(url, 'utf8')) as { shapes: Record<string, ModelShape> };
  const unsigned = Object.entries(shapes).filter(([name]) => name !== 'InvalidRequestRegionException');
  return new Map(
    unsigned.flatMap(([name, { exception, error }]) => (exception ? [[name, error?.httpStatusCode ?? 400]] : [])),
  );
}

interface ModelShape {
  readonly exception?: boolean;
  readonly error?: { readonly httpStatusCode?: number };
}
