import { expect, it } from 'vitest';
import { canaries } from '../../support/fake-broker.ts';
import { controlRequest, openControlPlane } from '../../support/planes.ts';
import { exchange, type RawAnswer, requestOf } from '../../support/raw-http.ts';

function expectRefusal(answer: RawAnswer, status: number, code: string, message: string): void {
  expect({ status: answer.status, ...JSON.parse(answer.body) }).toMatchObject({ status, code, message });
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
}

it.each([
  ['Origin', 'null'],
  ['Referer', 'http://localhost/'],
  ['Sec-Fetch-Site', 'same-origin'],
])('refuses %s, which only browsers send', async (name, value) => {
  const { path } = await openControlPlane();
  const answer = await exchange(
    { path },
    requestOf('GET /v1/status HTTP/1.1', [
      ['Host', 'localhost'],
      [name, value],
    ]),
  );
  expectRefusal(answer, 403, 'Forbidden', 'Web pages are refused; use an AWS SDK or curl');
});

it('refuses a foreign Host', async () => {
  const { path } = await openControlPlane();
  const answer = await exchange({ path }, requestOf('GET /v1/status HTTP/1.1', [['Host', 'evil.example']]));
  expect(answer.status).toBe(403);
});

it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS'])('refuses %s', async (method) => {
  const { connect } = await openControlPlane();
  const connection = connect().send(controlRequest(method, '/v1/status'));
  const { status, headers } = await connection.head();
  expect([status, headers['allow']]).toEqual([405, 'GET, POST, DELETE']);
  connection.destroy();
});

it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', ''])(
  'takes no body of type "%s"',
  async (type) => {
    const plane = await openControlPlane();
    const body = '{"label":"x","kind":"install","profiles":"*","lifetimeMs":null}';
    const headers = [
      ['Host', 'localhost'],
      ['Content-Length', String(body.length)],
      ['Content-Type', type],
    ] as const;
    const bytes = requestOf('POST /v1/grants HTTP/1.1', headers) + body;
    expect((await exchange({ path: plane.path }, bytes)).status).toBe(415);
    expect(plane.grants.list()).toEqual([]);
  },
);

it.each<[string, string, number]>([
  ['broken JSON', '{"label":', 400],
  ['an empty body', '', 400],
  ['a prototype', '{"__proto__":{"x":1},"label":"x","kind":"install","profiles":"*","lifetimeMs":null}', 400],
  ['a constructor', '{"constructor":{"prototype":{"x":1}}}', 400],
  ['more than 64 KiB', `{"label":"${'x'.repeat(66_000)}"}`, 413],
])('refuses %s', async (_what, body, status) => {
  const { path } = await openControlPlane();
  const headers = [
    ['Host', 'localhost'],
    ['Content-Length', String(body.length)],
    ['Content-Type', 'application/json'],
  ] as const;
  const answer = await exchange({ path }, requestOf('POST /v1/grants HTTP/1.1', headers) + body);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'BadRequest' });
  expect(Object.prototype).not.toHaveProperty('x');
});

it('says what to do about a path it does not know', async () => {
  const { send } = await openControlPlane();
  const message = 'This daemon does not know the request; the command may be newer. Run: credbroker restart';
  expectRefusal(await send('GET', '/v2/status'), 404, 'NotFound', message);
});

it('answers a path that cannot be decoded in its own shape', async () => {
  const { send } = await openControlPlane();
  const answer = await send('POST', '/v1/sessions/%zz/logout');
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    400,
    { code: 'BadRequest', message: 'This name cannot be read; percent-encode it once' },
  ]);
});

it('says nothing of what broke inside', async () => {
  const plane = await openControlPlane({ reload: () => Promise.reject(new Error(canaries.sessionToken)) });
  const answer = await plane.send('POST', '/v1/reload');
  const message = 'Something broke inside credbroker. Its broker.log says where';
  expect([answer.status, answer.body]).toEqual([500, JSON.stringify({ code: 'InternalError', message })]);
  await plane.app.close();
  expect(JSON.stringify(plane.log.lines)).not.toContain(canaries.sessionToken);
  expect(plane.log.lines.map(({ message }) => message)).toEqual(['internal error', 'refused']);
});
