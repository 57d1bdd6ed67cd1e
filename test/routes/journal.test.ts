import { expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import { canaries, servedFor } from '../support/fake-broker.ts';
import { minutes } from '../support/fake-clock.ts';
import { openDataPlane } from '../support/planes.ts';
import { requestOf } from '../support/raw-http.ts';

it('keeps one line for each cold hand-out, and counts the warm ones', async () => {
  const plane = await openDataPlane();
  for (let i = 0; i < 3; i++) await plane.get('/credentials/dev');
  plane.broker.known.add('prod');
  const cold = plane.get('/process/prod');
  await plane.broker.until(() => plane.broker.waiting.length === 1);
  plane.broker.waiting[0]?.answer(servedFor('prod'));
  await cold;
  await plane.app.close();
  plane.handOuts.flush();
  plane.handOuts.flush();
  const common = { grant: plane.id, status: 200 };
  expect(plane.log.lines).toEqual([
    { level: 'info', message: 'handed out', fields: { ...common, profile: 'prod', source: 'cold' } },
    { level: 'info', message: 'handed out', fields: { grant: plane.id, profile: 'dev', count: 3, source: 'warm' } },
  ]);
});

it('keeps one line for each refusal', async () => {
  const plane = await openDataPlane();
  const refused = { level: 'warn', message: 'refused' };
  await plane.send('GET /credentials/dev HTTP/1.1', [plane.host]);
  await plane.get('/credentials/nobody');
  await plane.get('/credentials/%zz');
  await plane.app.close();
  expect(plane.log.lines).toEqual([
    { ...refused, fields: { profile: '', grant: null, status: 403, source: null, code: 'Unauthorized' } },
    { ...refused, fields: { profile: 'nobody', grant: plane.id, status: 400, source: null, code: 'ProfileNotFound' } },
    { ...refused, fields: { profile: '', grant: plane.id, status: 400, source: null, code: 'BadRequest' } },
  ]);
});

it('keeps no line for health', async () => {
  const plane = await openDataPlane();
  await plane.get('/healthz');
  await plane.get('/readyz');
  await plane.app.close();
  expect(plane.log.lines).toEqual([]);
});

it('says where a bug is without what it said', async () => {
  const plane = await openDataPlane();
  plane.broker.peekThrows = new TypeError(`broke on ${canaries.secretAccessKey}`);
  await plane.get('/credentials/dev');
  await plane.app.close();
  const line = plane.log.lines.find(({ level }) => level === 'error');
  expect(line).toMatchObject({ message: 'internal error', fields: { thrown: 'TypeError' } });
  expect(JSON.stringify(line)).toContain('journal.test.ts');
});

it('writes down neither token nor keys, whatever is asked', async () => {
  const plane = await openDataPlane();
  const { token } = plane;
  await plane.get('/credentials/dev');
  await plane.get(`/credentials/dev?${token}`);
  await plane.get(`/${token}/dev`);
  await plane.get('/credentials/dev', ['Origin', token]);
  await plane.get('/credentials/dev', ['Authorization', token]);
  await plane.send('GET /credentials/%zz HTTP/1.1', [plane.host, ['Authorization', `${token}x`]]);
  await plane.get('/credentials/dev', ['X', token.repeat(400)]);
  await plane.get('/credentials/dev', ['Connection', 'Upgrade'], ['Upgrade', token]);
  await plane.connect().send(`${token} / HTTP/1.1\r\n\r\n`).answer();
  for (const canary of Object.values(canaries)) {
    plane.broker.peekThrows = new Error(canary);
    await plane.get('/credentials/dev');
    plane.broker.peekThrows = new BrokerError('AccessDenied', 'Denied', { cause: new Error(canary) });
    await plane.get('/credentials/dev');
  }
  await plane.app.close();
  const written = JSON.stringify(plane.log.lines);
  expect(plane.log.lines.length).toBeGreaterThan(12);
  for (const secret of [token, token.slice(3), ...Object.values(canaries)]) expect(written).not.toContain(secret);
});

it('bounds and cleans a name that a client made up', async () => {
  const plane = await openDataPlane();
  await plane.get(`/credentials/%1b%5b31m${'n'.repeat(500)}`);
  await plane.app.close();
  expect(plane.log.lines[0]?.fields['profile']).toBe(`?[31m${'n'.repeat(58)}…`);
});

it('notes when a grant was last used, after the answer', async () => {
  const plane = await openDataPlane();
  plane.clock.advance(minutes(3));
  await plane.get('/credentials/dev');
  await plane.app.close();
  expect(plane.grants.list()[0]?.lastUsedAt).toBe('2026-11-21T09:03:00.000Z');
});

it('serves from a full disk', async () => {
  const plane = await openDataPlane();
  plane.clock.advance(minutes(3));
  plane.file.isFull = true;
  const connection = plane.connect();
  const request = requestOf('GET /credentials/dev HTTP/1.1', plane.headers());
  expect((await connection.send(request).answer()).status).toBe(200);
  expect((await connection.send(request).answer()).status).toBe(200);
  connection.destroy();
});

it('remembers what a client was last told, until it gets what it asks for', async () => {
  const plane = await openDataPlane();
  plane.broker.peekThrows = new BrokerError('LoginRequired', 'Signed out of "work". Run: credbroker login work');
  await plane.get('/credentials/dev');
  await plane.get('/credentials/prod');
  const refused = {
    client: 'test',
    message: 'Signed out of "work". Run: credbroker login work',
    at: '2026-11-21T09:00:00Z',
  };
  expect(plane.refusals.list()).toEqual([
    { ...refused, profile: 'prod' },
    { ...refused, profile: 'dev' },
  ]);
  plane.broker.peekThrows = null;
  await plane.get('/credentials/dev');
  expect(plane.refusals.list()).toEqual([{ ...refused, profile: 'prod' }]);
});
