import { expect, it } from 'vitest';
import { servedFor } from '../support/fake-broker.ts';
import { openDataPlane } from '../support/planes.ts';
import { requestOf } from '../support/raw-http.ts';

it('gives a stranger who knocks too often the same answer, no line in the log and no kept connection', async () => {
  const plane = await openDataPlane();
  const request = requestOf('GET /credentials/dev HTTP/1.1', [plane.host, ['Authorization', 'cb_wrong']]);
  const connection = plane.connect();
  const answers = [];
  for (let attempt = 0; attempt < 61; attempt++) answers.push(await connection.send(request).answer());
  await connection.closed();
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
  expect(answers[59]?.headers['connection']).toBe('keep-alive');
  expect(answers[60]).toMatchObject({ status: 403, headers: { connection: 'close' } });
  expect((await plane.get('/credentials/dev')).status).toBe(200);
  await plane.app.close();
  expect(plane.log.lines.filter(({ message }) => message === 'refused')).toHaveLength(60);
});

it('case 42: never limits warm answers, not even on one connection', async () => {
  const plane = await openDataPlane();
  const connection = plane.connect();
  const request = requestOf('GET /credentials/dev HTTP/1.1', plane.headers());
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < 1_500; attempt++) statuses.add((await connection.send(request).answer()).status);
  connection.destroy();
  expect([...statuses]).toEqual([200]);
});

it('answers 503, never 429, to a grant that has upstream asked too often; others and warm answers go on', async () => {
  const plane = await openDataPlane();
  plane.broker.known.add('prod');
  plane.broker.get = async () => servedFor('prod');
  const request = requestOf('GET /credentials/prod HTTP/1.1', plane.headers());
  const connection = plane.connect();
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < 1_200; attempt++) statuses.add((await connection.send(request).answer()).status);
  connection.destroy();
  expect([...statuses]).toEqual([200]);
  const refused = await plane.get('/credentials/prod');
  const message = 'This grant asked for too much at once; try again in a minute';
  expect(refused.status).toBe(503);
  expect(refused.body).toBe(JSON.stringify({ code: 'Overloaded', message, Code: 'Overloaded', Message: message }));
  expect(refused.headers).not.toHaveProperty('retry-after');
  expect((await plane.get('/credentials/dev')).status).toBe(200);
  const { token } = plane.grants.issue({ label: 'other', kind: 'session', profiles: '*', lifetimeMs: null });
  const other = await plane.send('GET /credentials/prod HTTP/1.1', [plane.host, ['Authorization', token]]);
  expect(other.status).toBe(200);
});
