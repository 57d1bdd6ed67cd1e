import { describe, expect, it } from 'vitest';
import { BrokerError, type ErrorCode } from '../../src/core/errors.ts';
import { epoch } from '../../src/core/types.ts';
import { canaries, credentials, servedFor } from '../support/fake-broker.ts';
import { type DataPlane, openDataPlane } from '../support/planes.ts';
import { requestOf } from '../support/raw-http.ts';

const path = '/credentials/dev';

/** The body of a refusal: four keys, because clients disagree about two. */
const refusal = (code: ErrorCode, message: string): string =>
  JSON.stringify({ code, message, Code: code, Message: message });

/** Asks for a profile that has to be waited for; resolves once the broker has been asked. */
async function askCold(plane: DataPlane, ...headers: (readonly [string, string])[]) {
  plane.broker.known.add('prod');
  const asked = plane.broker.waiting.length;
  const answer = plane.get('/credentials/prod', ...headers);
  await plane.broker.until(() => plane.broker.waiting.length > asked);
  const waiting = plane.broker.waiting[asked];
  if (waiting === undefined) throw new Error('Nobody waits');
  return { answer, waiting };
}

describe('the document', () => {
  it('cases 27 and 29: holds strings alone, with times in the one form every SDK reads', async () => {
    const plane = await openDataPlane();
    const document = JSON.parse((await plane.get(path)).body) as Record<string, unknown>;
    expect(Object.values(document).every((value) => typeof value === 'string' && value !== '')).toBe(true);
    expect(document['Expiration']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(document['LastUpdated']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('case 28: truncates the milliseconds of the expiry', async () => {
    const plane = await openDataPlane();
    plane.broker.warm.set('dev', servedFor('dev', { ...credentials, expiresAt: epoch(1_795_255_199_999) }));
    expect(JSON.parse((await plane.get(path)).body)).toMatchObject({ Expiration: '2026-11-21T09:59:59Z' });
  });

  it('case 30: leaves out an account id that nobody named', async () => {
    const plane = await openDataPlane();
    plane.broker.warm.set('dev', servedFor('dev', { ...credentials, accountId: null }));
    expect(JSON.parse((await plane.get(path)).body)).not.toHaveProperty('AccountId');
  });

  it('case 31: carries a session token of 6 kB in less than 10 000 bytes', async () => {
    const plane = await openDataPlane();
    plane.broker.warm.set('dev', servedFor('dev', { ...credentials, sessionToken: 't'.repeat(6_000) }));
    const answer = await plane.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBeLessThan(10_000);
  });

  it('case 32: is typed, not to be stored, and as long as it says', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(path);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': String(Buffer.byteLength(answer.body)),
    });
  });

  it('case 67: says SessionToken and Version 1 to credential_process', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get('/process/dev');
    expect(JSON.parse(answer.body)).toEqual({
      Version: 1,
      AccessKeyId: canaries.accessKeyId,
      SecretAccessKey: canaries.secretAccessKey,
      SessionToken: canaries.sessionToken,
      Expiration: '2026-11-21T10:00:00Z',
      AccountId: '123456789012',
    });
  });

  it('is handed out as the broker serialised it, without asking it to wait', async () => {
    const plane = await openDataPlane();
    const served = servedFor('dev');
    plane.broker.warm.set('dev', served);
    expect((await plane.get(path)).body).toBe(Buffer.from(served.container).toString());
    expect(plane.broker.waiting).toEqual([]);
  });
});

describe('waiting', () => {
  it('hands out what the broker comes up with', async () => {
    const plane = await openDataPlane();
    const { answer, waiting } = await askCold(plane);
    waiting.answer(servedFor('prod'));
    expect(await answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse((await answer).body)).toMatchObject({ Token: canaries.sessionToken });
  });

  it('passes every one of 50 callers on, and each gets the same answer', async () => {
    const plane = await openDataPlane();
    plane.broker.known.add('prod');
    const answers = Array.from({ length: 50 }, () => plane.get('/credentials/prod'));
    await plane.broker.until(() => plane.broker.waiting.length === 50);
    for (const waiting of plane.broker.waiting) waiting.answer(servedFor('prod'));
    const bodies = new Set((await Promise.all(answers)).map(({ body }) => body));
    expect(bodies.size).toBe(1);
  });

  it.each<[string, readonly (readonly [string, string])[], number]>([
    ['the JavaScript SDK, which sends no User-Agent', [], 800],
    ['botocore', [['User-Agent', 'python-urllib3/1.26.12']], 1_700],
    ['Go', [['User-Agent', 'Go-http-client/1.1']], 10_000],
    ['a helper of ours', [['x-credbroker-hold', 'helper']], 120_000],
  ])('holds %s no longer than it can wait', async (_who, headers, holdMs) => {
    const plane = await openDataPlane();
    const { answer, waiting } = await askCold(plane, ...headers);
    expect(waiting.holdMs).toBe(holdMs);
    const message = 'Signing in to "work". Finish in the browser';
    waiting.refuse(new BrokerError('LoginPending', message));
    expect(await answer).toMatchObject({ status: 503, body: refusal('LoginPending', message) });
  });

  it('gives credential_process 55 seconds', async () => {
    const plane = await openDataPlane();
    plane.broker.known.add('prod');
    const answer = plane.get('/process/prod');
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    expect(plane.broker.waiting[0]?.holdMs).toBe(55_000);
    plane.broker.waiting[0]?.answer(servedFor('prod'));
    expect(JSON.parse((await answer).body)).toMatchObject({ SessionToken: canaries.sessionToken });
  });

  it('tells the broker when the client hangs up', async () => {
    const plane = await openDataPlane();
    plane.broker.known.add('prod');
    const connection = plane.connect().send(requestOf('GET /credentials/prod HTTP/1.1', plane.headers()));
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    const signal = plane.broker.waiting[0]?.signal;
    expect(signal?.aborted).toBe(false);
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
    connection.destroy();
    await aborted;
    plane.broker.waiting[0]?.refuse(signal?.reason);
    expect((await plane.get(path)).status).toBe(200);
    expect([plane.log.lines, plane.refusals.list()]).toEqual([[], []]);
  });

  it('does not make other callers wait', async () => {
    const plane = await openDataPlane();
    const { answer, waiting } = await askCold(plane);
    expect((await plane.get(path)).status).toBe(200);
    waiting.answer(servedFor('prod'));
    await answer;
  });
});

describe('refusing', () => {
  it.each<[ErrorCode, number]>([
    ['ConfigInvalid', 400],
    ['ProfileNotFound', 400],
    ['LoginRequired', 403],
    ['LoginDeclined', 403],
    ['AccessDenied', 403],
    ['Renewing', 503],
    ['LoginPending', 503],
    ['UpstreamUnavailable', 503],
    ['UpstreamMalformed', 503],
    ['KeychainUnavailable', 503],
    ['Overloaded', 503],
  ])('cases 50 and 52: says %s with %i in four keys', async (code, status) => {
    const plane = await openDataPlane();
    const message = 'Session "work" has expired. Run: credbroker login work';
    const { answer, waiting } = await askCold(plane);
    waiting.refuse(new BrokerError(code, message));
    const { headers, ...rest } = await answer;
    expect(rest).toEqual({ status, body: refusal(code, message) });
    expect(headers['content-type']).toBe('application/json');
    expect(headers).not.toHaveProperty('retry-after');
  });

  it('names what to do about a profile that cannot be served', async () => {
    const plane = await openDataPlane();
    const message = 'Profile "legacy" has no session token. Remove it from the credentials file';
    plane.broker.peekThrows = new BrokerError('ConfigInvalid', message);
    expect(await plane.get(path)).toMatchObject({ status: 400, body: refusal('ConfigInvalid', message) });
  });

  it('case 49: answers an unknown path under a valid grant with 400', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get('/nothing/here');
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
    expect(answer.body).toBe(refusal('NotFound', 'There is nothing at this path. Use /credentials/<profile>'));
  });

  it('case 49: answers an unknown profile with 400', async () => {
    const plane = await openDataPlane();
    const message = 'No profile "nobody". Run: credbroker profiles';
    expect(await plane.get('/credentials/nobody')).toMatchObject({
      status: 400,
      body: refusal('ProfileNotFound', message),
    });
  });

  it('case 51: cuts a message at 100 characters', async () => {
    const plane = await openDataPlane();
    plane.broker.peekThrows = new BrokerError('AccessDenied', 'x'.repeat(101));
    const { Message, message } = JSON.parse((await plane.get(path)).body) as Record<string, string>;
    expect(message).toBe(`${'x'.repeat(99)}…`);
    expect(Message).toBe(message);
    plane.broker.peekThrows = new BrokerError('AccessDenied', 'x'.repeat(100));
    expect(JSON.parse((await plane.get(path)).body)).toMatchObject({ message: 'x'.repeat(100) });
  });

  it('cuts the reason rather than what to run', async () => {
    const plane = await openDataPlane();
    const run = ' Run: credbroker checkout prod --ticket-type … --ticket-id …';
    plane.broker.peekThrows = new BrokerError('AccessDenied', `${'x'.repeat(90)}.${run}`);
    const { message } = JSON.parse((await plane.get(path)).body) as Record<string, string>;
    expect(message).toBe(`${'x'.repeat(99 - run.length)}…${run}`);
  });

  it.each<[string, unknown]>([
    ['an Error', new Error(`broke on ${canaries.secretAccessKey}`)],
    ['a SyntaxError', new SyntaxError(`Unexpected token in ${canaries.sessionToken}`)],
    ['an internal BrokerError', new BrokerError('InternalError', `at ${canaries.accessKeyId}`)],
    ['a string', canaries.secretAccessKey],
    ['an error that claims to be a client', Object.assign(new Error(canaries.sessionToken), { statusCode: 404 })],
  ])('case 53: answers 500 and nothing of what was thrown when the handler throws %s', async (_what, thrown) => {
    const plane = await openDataPlane();
    plane.broker.peekThrows = thrown;
    expect(await plane.get(path)).toMatchObject({
      status: 500,
      body: refusal('InternalError', 'Something broke inside credbroker. Its broker.log says where'),
    });
    plane.broker.peekThrows = null;
    const { answer, waiting } = await askCold(plane);
    waiting.refuse(thrown);
    expect((await answer).status).toBe(500);
  });
});
