import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RefusalClass } from '../../../src/providers/britive/errors.ts';
import { refusalOf, refusalVerdict } from '../../../src/providers/britive/errors.ts';
import { parse, readReply, verdictOf } from '../../../src/providers/britive/reply.ts';
import { epoch } from '../../../src/providers/britive/types.ts';
import { failureOf } from '../../../src/providers/failures.ts';
import type { HttpAnswer } from '../../../src/providers/http.ts';
import { httpAnswer } from '../../support/http-answer.ts';
import { BritiveWorld } from './world.ts';

const now = epoch(Date.parse('2026-11-21T09:00:00Z'));
const judge = { now };

const denied = (why: string) => ({ type: 'denied', why });
const busy = { type: 'not-yet', retryAt: now + 30_000 };

/** Every code that has a meaning of its own, the class and the verdict it leads to. */
const rows: readonly (readonly [number, string, RefusalClass, object])[] = [
  [401, 'AU-0000', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0004', 'blocked', denied('forbidden')],
  [401, 'AU-0005', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0007', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0009', 'otp', denied('needs-otp')],
  [401, 'AU-0014', 'blocked', denied('forbidden')],
  [401, 'AU-0015', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0016', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0017', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0018', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0019', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0020', 'auth', { type: 'unauthorized' }],
  [401, 'AU-0021', 'blocked', denied('forbidden')],
  [401, 'AU-0099', 'auth', { type: 'unauthorized' }],
  [401, 'E0000', 'auth', { type: 'unauthorized' }],
  [403, 'AU-0007', 'forbidden', denied('forbidden')],
  [400, 'AS-0001', 'justification', denied('needs-justification')],
  [400, 'AS-0002', 'justification', denied('needs-justification')],
  [400, 'AS-0003', 'ticket', denied('needs-ticket')],
  [400, 'AS-0004', 'ticket', denied('needs-ticket')],
  [400, 'AS-0005', 'ticket', denied('needs-ticket')],
  [400, 'AS-0006', 'ticket', denied('needs-ticket')],
  [400, 'AS-0007', 'ticket', denied('needs-ticket')],
  [400, 'MA-0001', 'failed', denied('bad-request')],
  [400, 'MA-0002', 'checkout-failed', denied('checkout-failed')],
  [400, 'MA-0008', 'already-in', denied('not-found')],
  [400, 'MA-0009', 'approval-text', denied('needs-justification')],
  [400, 'MA-0010', 'approval', denied('needs-approval')],
  [400, 'MA-0011', 'approval-pending', denied('needs-approval')],
  [409, 'MA-0011', 'approval-pending', denied('needs-approval')],
  ...Array.from(
    { length: 10 },
    (_, n) => [400, `CO-${String(n + 1).padStart(4, '0')}`, 'checkout-failed', denied('checkout-failed')] as const,
  ),
  [400, 'CI-0004', 'failed', denied('bad-request')],
  [403, 'PE-0002', 'forbidden', denied('forbidden')],
  [403, 'PE-0010', 'approval-pending', denied('needs-approval')],
  [403, 'PE-0011', 'approval', denied('needs-approval')],
  [403, 'PE-0028', 'step-up', denied('needs-otp')],
  [400, 'RM-0024', 'failed', denied('bad-request')],
  [400, 'RM-0025', 'failed', denied('bad-request')],
  ...Array.from({ length: 15 }, (_, n) => [400, `E${1000 + n}`, 'bad-request', denied('bad-request')] as const),
  [400, 'A-0001', 'bad-request', denied('bad-request')],
  [400, 'AT-0001', 'bad-request', denied('bad-request')],
  [403, 'P-0001', 'forbidden', denied('forbidden')],
  [400, 'PF-0001', 'bad-request', denied('bad-request')],
  [404, 'PP-0001', 'not-found', denied('not-found')],
  [400, 'TA-0001', 'bad-request', denied('bad-request')],
  [400, 'U-0001', 'bad-request', denied('bad-request')],
  [400, 'UT-0001', 'bad-request', denied('bad-request')],
  [400, 'R-0001', 'bad-request', denied('bad-request')],
  [400, 'IDP-0001', 'bad-request', denied('bad-request')],
  [400, 'G-0001', 'bad-request', denied('bad-request')],
];

describe('a refusal of Britive', () => {
  it.each(rows)('%i %s is of the class %s and has its verdict', (status, code, found, verdict) => {
    const refused = refusalOf({ status, code, message: 'words of the tenant' });
    expect(refused.class).toBe(found);
    expect(refused.detail).toContain(code);
    expect(refused.detail).not.toContain('words of the tenant');
    expect(refusalVerdict(refused, judge)).toMatchObject(verdict);
  });

  it.each<readonly [number, RefusalClass, object]>([
    [400, 'bad-request', denied('bad-request')],
    [401, 'auth', { type: 'unauthorized' }],
    [403, 'forbidden', denied('forbidden')],
    [404, 'not-found', denied('not-found')],
    [408, 'transient', { type: 'transient', why: 'timeout' }],
    [409, 'busy', busy],
    [422, 'bad-request', denied('bad-request')],
  ])('%i without a code is of the class %s', (status, found, verdict) => {
    const refused = refusalOf({ status, code: null, message: '' });
    expect(refused.class).toBe(found);
    expect(refusalVerdict(refused, judge)).toMatchObject(verdict);
  });

  it.each<readonly [string, string, RefusalClass, object]>([
    ['E1001', 'You have ALREADY checked out profile for this environment', 'already-out', busy],
    ['E1001', 'Programmatic access is not enabled for this profile.', 'console-only', denied('console-only')],
  ])('%s "%s" is known by its text: %s', (code, message, found, verdict) => {
    const refused = refusalOf({ status: 400, code, message });
    expect(refused.class).toBe(found);
    expect(refusalVerdict(refused, judge)).toMatchObject(verdict);
  });

  it.each(['AU-0004', 'AU-0014', 'AU-0021'])('%s asks for no sign-in, which would not change it', (code) => {
    const refused = refusalOf({ status: 401, code, message: '' });
    expect(refusalVerdict(refused, judge)).toMatchObject(denied('forbidden'));
  });

  it('has a row here for each code that the provider knows, and that the emulated tenant sends', () => {
    const known = new Set(['MAINT0001', ...rows.map(([, code]) => code)]);
    const sources = [
      'src/providers/britive/errors.ts',
      ...readdirSync('src/emulator/britive').map((name) => `src/emulator/britive/${name}`),
    ];
    const codes = sources
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(path, 'utf8').match(/\b(?:[A-Z]{1,3}-\d{4}|E\d{4}|MAINT\d{4})\b/g) ?? []);
    expect(new Set(codes).size).toBeGreaterThan(30);
    expect([...new Set(codes)].filter((code) => !known.has(code))).toEqual([]);
  });

  it.each(['constructor', '__proto__', 'toString'])('is judged by its status where its code is %s', (code) => {
    expect(refusalOf({ status: 403, code, message: '' })).toEqual({
      type: 'refused',
      class: 'forbidden',
      detail: 'access is denied (403)',
    });
  });

  it('case 7: by a 403 ends no session, whatever it says', () => {
    for (const [status, code] of rows.filter(([one]) => one === 403)) {
      const { type } = refusalVerdict(refusalOf({ status, code, message: '' }), judge);
      expect(['denied', 'not-yet']).toContain(type);
    }
  });

  it('names no code that is none', () => {
    expect(refusalOf({ status: 400, code: 'jwt eyJhbGci', message: '' }).detail).toBe('the request was refused (400)');
  });
});

const html = { 'content-type': 'text/html' };
const judged = (given: HttpAnswer) => {
  const parsed = parse(readReply(given, now), (body) => (body === null ? undefined : body));
  return parsed.type === 'ok' ? parsed : verdictOf(parsed, judge);
};

describe('what is no answer of the tenant', () => {
  it.each<readonly [string, HttpAnswer, object]>([
    ['a page with 200', httpAnswer(200, '<html>', html), { type: 'transient', why: 'captive-portal' }],
    ['a page with 401', httpAnswer(401, '<html>', html), { type: 'transient', why: 'captive-portal' }],
    ['a page with 403', httpAnswer(403, '<html>', html), { type: 'transient', why: 'captive-portal' }],
    ['a redirect', httpAnswer(302, ''), { type: 'transient', why: 'captive-portal' }],
    ["a proxy's sign-in", httpAnswer(407, ''), { type: 'transient', why: 'proxy' }],
    ["a network's sign-in", httpAnswer(511, ''), { type: 'transient', why: 'captive-portal' }],
    ['plain words with 401', httpAnswer(401, 'go away'), { type: 'transient', why: 'bad-body' }],
    ['half a refusal', httpAnswer(400, '{"errorCode":"MA-0'), { type: 'transient', why: 'bad-body' }],
    ['nothing where something is promised', httpAnswer(200, ''), { type: 'transient', why: 'bad-body' }],
    [
      'too many requests',
      httpAnswer(429, '{}', { 'retry-after': '7' }),
      { type: 'transient', why: '429', retryAfterMs: 7_000 },
    ],
    ['a broken service', httpAnswer(500, '{"message":"x"}'), { type: 'transient', why: '5xx' }],
    ['a gateway', httpAnswer(502, '<html>', html), { type: 'transient', why: '5xx' }],
    ['a busy service', httpAnswer(503, '{}'), { type: 'transient', why: '5xx' }],
    ['a slow service', httpAnswer(504, ''), { type: 'transient', why: '5xx' }],
    [
      'maintenance',
      httpAnswer(503, '{"errorCode":"MAINT0001"}'),
      { type: 'transient', why: 'maintenance', detail: 'Maintenance', retryAfterMs: 60_000 },
    ],
  ])('%s proves nothing', (_what, given, verdict) => {
    expect(judged(given)).toMatchObject(verdict);
  });

  it('is not what has an odd shape', () => {
    for (const text of ['[]', '"text"', 'a bare sentence', '{}']) expect(judged(httpAnswer(200, text)).type).toBe('ok');
    expect(judged(httpAnswer(401, '')).type).toBe('unauthorized');
  });

  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'EPIPE',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'UND_ERR_SOCKET',
    'UND_ERR_PRX_TLS',
    'HPE_INVALID_CONSTANT',
  ])('%s proves nothing', (code) => {
    const failure = failureOf(
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }),
      new AbortController().signal,
    );
    expect(verdictOf(failure, judge).type).toBe('transient');
  });
});

describe('case 5: a session that the tenant has killed', () => {
  it.each([
    ['without a code', { message: 'Unauthorized' }],
    ['with the filler', { errorCode: 'E0000' }],
    ['with its own code', { errorCode: 'AU-0007' }],
  ])('is unauthorized %s, after one call', async (_what, body) => {
    const world = new BritiveWorld();
    world.on('GET', '/api/access/app-access-status', { status: 401, body });
    expect(await world.acquire()).toMatchObject({ type: 'unauthorized' });
    expect(world.sent).toHaveLength(1);
  });
});
