/** Authentication and transport: the cases of the protocol's conformance list, sent as raw bytes. */
import { describe, expect, it } from 'vitest';
import { canaries } from '../support/fake-broker.ts';
import { openDataPlane } from '../support/planes.ts';
import { type RawAnswer, requestOf } from '../support/raw-http.ts';

/** The whole answer to a refused request: status, exact body, and no trace of credentials. */
function expectRefusal(answer: RawAnswer, status: number, code: string, message: string): void {
  expect(answer.status).toBe(status);
  expect(answer.body).toBe(JSON.stringify({ code, message, Code: code, Message: message }));
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(answer.body)),
  });
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(message.length).toBeLessThanOrEqual(100);
}

const path = '/credentials/dev';
const noGrant = 'The "Authorization" header holds no grant. Run: credbroker env <profile>';
const wrongGrant = 'The grant in "Authorization" is not valid. Run: credbroker env <profile>';
const foreignHost = 'The "Host" header names another server; use http://127.0.0.1 and our port';
const webPage = 'Web pages are refused; use an AWS SDK or curl';
const notExact = 'Only a path is accepted here, without a host, a query or a fragment';
const nowhere = 'There is nothing at this path. Use /credentials/<profile>';

describe('the grant', () => {
  it('case 1: answers a valid token with every field of the container document', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(path);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      Code: 'Success',
      LastUpdated: '2026-11-21T09:00:00Z',
      Type: 'AWS-HMAC',
      AccessKeyId: canaries.accessKeyId,
      SecretAccessKey: canaries.secretAccessKey,
      Token: canaries.sessionToken,
      Expiration: '2026-11-21T10:00:00Z',
      AccountId: '123456789012',
    });
  });

  it('case 2: refuses a request without Authorization', async () => {
    const plane = await openDataPlane();
    expectRefusal(await plane.send(`GET ${path} HTTP/1.1`, [plane.host]), 403, 'Unauthorized', noGrant);
  });

  it.each(['', 'Bearer', 'Bearer '])('case 3: refuses an empty Authorization (%j)', async (value) => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', value]]);
    expectRefusal(answer, 403, 'Unauthorized', noGrant);
  });

  it('case 4: refuses a wrong token of the same length', async () => {
    const plane = await openDataPlane();
    const wrong = `${plane.token.slice(0, -1)}${plane.token.endsWith('A') ? 'B' : 'A'}`;
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', wrong]]);
    expectRefusal(answer, 403, 'Unauthorized', wrongGrant);
  });

  it('case 5: refuses whatever is not exactly the token', async () => {
    const plane = await openDataPlane();
    const { token } = plane;
    const variants = [`${token}x`, token.slice(1), `"${token}"`, `${token},`, `${token} x`, `Bearer  ${token}`];
    for (const variant of variants) {
      const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', variant]]);
      expectRefusal(answer, 403, 'Unauthorized', wrongGrant);
    }
  });

  it('case 5: leaves white space around the value to HTTP, where it is no part of it (RFC 9110, 5.5)', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', ` ${plane.token}  `]]);
    expect(answer.status).toBe(200);
  });

  it.each(['Bearer', 'bearer'])('case 6: accepts the token after "%s "', async (scheme) => {
    const plane = await openDataPlane();
    const value = `${scheme} ${plane.token}`;
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', value]]);
    expect(answer.status).toBe(200);
  });

  it.each([
    ['the right one first', (token: string) => [token, 'wrong']],
    ['the right one last', (token: string) => ['wrong', token]],
    ['the right one twice', (token: string) => [token, token]],
  ])('case 7: refuses two Authorization headers, %s', async (_which, values) => {
    const plane = await openDataPlane();
    const both = values(plane.token).map((value) => ['Authorization', value] as const);
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ...both]);
    expectRefusal(answer, 403, 'Forbidden', 'The "authorization" header was sent twice; send it once');
  });

  it.each(['authorization', 'AUTHORIZATION', 'aUTHORIZATION'])('case 8: knows the header as %s', async (name) => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, [name, plane.token]]);
    expect(answer.status).toBe(200);
  });

  it('case 9: serves a right token after 10 wrong ones', async () => {
    const plane = await openDataPlane();
    for (let attempt = 0; attempt < 10; attempt++) {
      const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', `cb_wrong${attempt}`]]);
      expectRefusal(answer, 403, 'Unauthorized', wrongGrant);
    }
    expect((await plane.get(path)).status).toBe(200);
  });

  it('refuses an expired and a revoked grant like an unknown one, on the connection it was good for', async () => {
    const plane = await openDataPlane();
    const short = plane.grants.issue({ label: 'short', kind: 'session', profiles: '*', lifetimeMs: 60_000 });
    const request = (token: string) => requestOf(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', token]]);
    const connection = plane.connect();
    expect((await connection.send(request(short.token)).answer()).status).toBe(200);
    plane.clock.advance(60_000);
    expectRefusal(await connection.send(request(short.token)).answer(), 403, 'Unauthorized', wrongGrant);
    expect((await connection.send(request(plane.token)).answer()).status).toBe(200);
    plane.grants.revoke(plane.id);
    expectRefusal(await connection.send(request(plane.token)).answer(), 403, 'Unauthorized', wrongGrant);
  });

  it('refuses a profile outside the scope, known or not, with the same words', async () => {
    const plane = await openDataPlane();
    const { token } = plane.grants.issue({ label: 'one', kind: 'session', profiles: ['prod'], lifetimeMs: null });
    for (const name of ['dev', 'nobody']) {
      const answer = await plane.send(`GET /credentials/${name} HTTP/1.1`, [plane.host, ['Authorization', token]]);
      const message = `This grant does not cover "${name}". Run: credbroker grant add`;
      expectRefusal(answer, 403, 'Forbidden', message);
    }
  });

  it('asks for a grant on every route there is but health, and on those there are not', async () => {
    const plane = await openDataPlane();
    const routes = [...plane.app.printRoutes({ commonPrefix: false }).matchAll(/(\/\S*) \(GET\)/g)].map(
      ([, url = '']) => url,
    );
    expect(routes).toContain('/credentials/:profile');
    const open: string[] = [];
    for (const url of [...routes, '/', '/metrics', '/v1/status', '/dashboard']) {
      const answer = await plane.send(`GET ${url.replace(':profile', 'dev')} HTTP/1.1`, [plane.host]);
      if (answer.status === 200) open.push(url);
      else expectRefusal(answer, 403, 'Unauthorized', noGrant);
    }
    expect(open).toEqual(['/healthz', '/readyz']);
  });
});

describe('the Host header', () => {
  it('case 10: may come without the port, as the CRT sends it', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [
      ['Host', '127.0.0.1'],
      ['Authorization', plane.token],
    ]);
    expect(answer.status).toBe(200);
  });

  it.each(['127.0.0.1:P', 'localhost:P', 'localhost', 'LOCALHOST:P', '[::1]', '[::1]:P'])(
    'case 11: may be %s',
    async (host) => {
      const plane = await openDataPlane();
      const value = host.replace('P', String(plane.port));
      const answer = await plane.send(`GET ${path} HTTP/1.1`, [
        ['Host', value],
        ['Authorization', plane.token],
      ]);
      expect(answer.status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:P',
    '127.0.0.1.evil.example',
    '127.0.0.1:P@evil',
    'evil@127.0.0.1:P',
    '127.0.0.1:1',
    '127.0.0.1:',
    '127.0.0.1:0P',
    'localhost.',
    '0.0.0.0:P',
    '127.1:P',
    '2130706433:P',
    '[::ffff:127.0.0.1]:P',
    '',
  ])('case 12: is refused as %j', async (host) => {
    const plane = await openDataPlane();
    const value = host.replace('P', String(plane.port));
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [
      ['Host', value],
      ['Authorization', plane.token],
    ]);
    expectRefusal(answer, 403, 'Forbidden', foreignHost);
  });

  it('case 13: may not be a link-local address on this listener', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [
      ['Host', '169.254.170.2'],
      ['Authorization', plane.token],
    ]);
    expectRefusal(answer, 403, 'Forbidden', foreignHost);
  });

  it.each(['1.0', '1.1'])('case 14: may not be missing in HTTP/%s', async (version) => {
    const plane = await openDataPlane();
    const answer = await plane.send(`GET ${path} HTTP/${version}`, [['Authorization', plane.token]]);
    expectRefusal(answer, 400, 'BadRequest', 'The "Host" header is missing; use HTTP/1.1');
  });

  it('may not come twice', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(path, ['Host', 'evil.example']);
    expectRefusal(answer, 403, 'Forbidden', 'The "host" header was sent twice; send it once');
  });
});

describe('what only browsers send', () => {
  it.each([
    ['Origin', 'https://evil.example'],
    ['Origin', 'null'],
    ['Origin', ''],
    ['Referer', 'http://127.0.0.1/'],
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'none'],
  ])('case 15: refuses %s: %s', async (name, value) => {
    const plane = await openDataPlane();
    expectRefusal(await plane.get(path, [name, value]), 403, 'Forbidden', webPage);
  });

  it('case 15: lets Sec-Fetch-Mode pass, which Node sends', async () => {
    const plane = await openDataPlane();
    expect((await plane.get(path, ['Sec-Fetch-Mode', 'cors'])).status).toBe(200);
  });

  it.each([65, 500, 1_000, 2_500])('cannot be hidden behind %i other headers', async (count) => {
    const plane = await openDataPlane();
    const padding = Array.from({ length: count }, (_, index) => [`a${index}`, ''] as const);
    const answer = await plane.get(path, ...padding, ['Origin', 'https://evil.example']);
    const tooLarge = answer.headers['connection'] === 'close';
    expectRefusal(
      answer,
      431,
      'BadRequest',
      tooLarge ? 'More than 16 KiB of headers were sent' : 'More than 64 headers were sent',
    );
  });

  it('accepts 64 headers and refuses 65', async () => {
    const plane = await openDataPlane();
    const padding = (count: number) => Array.from({ length: count }, (_, index) => [`a${index}`, ''] as const);
    expect((await plane.get(path, ...padding(62))).status).toBe(200);
    expectRefusal(await plane.get(path, ...padding(63)), 431, 'BadRequest', 'More than 64 headers were sent');
  });
});

describe('the request line', () => {
  it.each(['OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])('case 16: refuses %s', async (method) => {
    const plane = await openDataPlane();
    const answer = await plane.send(`${method} ${path} HTTP/1.1`, plane.headers());
    expectRefusal(answer, 405, 'BadRequest', 'Only GET is answered here');
    expect(answer.headers['allow']).toBe('GET');
  });

  it('case 16: refuses HEAD, without a body', async () => {
    const plane = await openDataPlane();
    const connection = plane.connect().send(requestOf(`HEAD ${path} HTTP/1.1`, plane.headers()));
    expect((await connection.head()).status).toBe(405);
    connection.send(requestOf(`GET ${path} HTTP/1.1`, plane.headers()));
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
  });

  it('case 16: refuses a method that HTTP does not have', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send(`FETCH ${path} HTTP/1.1`, plane.headers());
    expectRefusal(answer, 400, 'BadRequest', 'This is not an HTTP/1.1 request');
  });

  it('case 17: needs neither Accept nor User-Agent', async () => {
    const plane = await openDataPlane();
    expect((await plane.get(path)).status).toBe(200);
  });

  it('case 18: compresses nothing', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(path, ['Accept-Encoding', 'gzip']);
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(JSON.parse(answer.body)).toMatchObject({ Code: 'Success' });
  });

  it('case 19: answers JSON whatever is preferred', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(path, ['Accept', 'text/html']);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toMatchObject({ Code: 'Success' });
  });

  it.each([`${path}?x=1&x=2`, `${path}?`, `${path}#frag`, '/healthz?x'])(
    'case 20: gives nothing for the target %s',
    async (target) => {
      const plane = await openDataPlane();
      expectRefusal(await plane.get(target), 400, 'BadRequest', notExact);
    },
  );

  it.each([`/${path}`, '/credentials%2Fdev', '/credentials/dev%2F..%2Fdev/x'])(
    'case 20: gives nothing for the path %s',
    async (target) => {
      const plane = await openDataPlane();
      expectRefusal(await plane.get(target), 400, 'NotFound', nowhere);
    },
  );

  it.each(['/a/..//credentials/dev', '/a/../credentials/dev', '/credentials/dev/', '/Credentials/dev', '/credentials'])(
    'case 21: does not resolve %s',
    async (target) => {
      const plane = await openDataPlane();
      expectRefusal(await plane.get(target), 400, 'NotFound', nowhere);
    },
  );

  it('case 22: refuses an absolute target', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(`http://127.0.0.1:${plane.port}${path}`);
    expectRefusal(answer, 400, 'BadRequest', notExact);
  });

  it.each(['/credentials/%', '/credentials/%zz', '/credentials/%ff', '/credentials/%c3%28', '/credentials/%80dev'])(
    'refuses the broken encoding %s under a valid grant, and names nothing of it',
    async (target) => {
      const plane = await openDataPlane();
      const message = 'This path cannot be read; percent-encode the profile name once';
      expectRefusal(await plane.get(target), 400, 'BadRequest', message);
    },
  );

  it('puts a path with a broken encoding through the same gate', async () => {
    const plane = await openDataPlane();
    const line = 'GET /credentials/%zz HTTP/1.1';
    expectRefusal(await plane.send(line, [plane.host]), 403, 'Unauthorized', noGrant);
    const page = ['Origin', 'https://evil.example'] as const;
    expectRefusal(await plane.send(line, plane.headers(page)), 403, 'Forbidden', webPage);
    const rebound = [
      ['Host', 'evil.example'],
      ['Authorization', plane.token],
    ] as const;
    expectRefusal(await plane.send(line, rebound), 403, 'Forbidden', foreignHost);
  });

  it('refuses over-long names like other unknown ones', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get(`/credentials/${'n'.repeat(15_000)}`);
    expectRefusal(answer, 400, 'ProfileNotFound', `No profile "${'n'.repeat(62)}… Run: credbroker profiles`);
  });
});

describe('the profile name', () => {
  it.each([
    ['a%2Fb', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['a+b', 'a+b'],
    ['a%20b', 'a b'],
    ['Prod%20%C3%A9', 'Prod é'],
    ['e%CC%81', 'e\u0301'],
    ['..', '..'],
    ['..%2f..%2fetc', '../../etc'],
    ['a;b=c', 'a;b=c'],
    ['a%3Fb%23c', 'a?b#c'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['a%00b', 'a\0b'],
    ['%25', '%'],
  ])('is decoded once: %s is %j', async (encoded, name) => {
    const plane = await openDataPlane();
    plane.broker.warm.set(name, { ...plane.broker.peek('dev'), container: Buffer.from('{"found":1}') } as never);
    expect(await plane.get(`/credentials/${encoded}`)).toMatchObject({ status: 200, body: '{"found":1}' });
  });

  it.each(['%00', '%1b%5b31m', '%E2%80%AE', '%C2%85'])('is quoted in no control characters: %s', async (encoded) => {
    const plane = await openDataPlane();
    const answer = await plane.get(`/credentials/${encoded}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).message).toMatch(/^No profile "\?(?:\[31m)?"\. Run: credbroker profiles$/);
  });
});

describe('what never becomes a request', () => {
  it.each([
    ['Expect: 100-continue', ['Expect', '100-continue'], 417, 'The "Expect" header is not supported'],
    ['Expect: something', ['Expect', 'something'], 417, 'The "Expect" header is not supported'],
    ['Upgrade', ['Upgrade', 'websocket'], 400, 'Only plain HTTP/1.1 requests are answered here'],
  ] as const)('refuses %s and hangs up', async (_what, header, status, message) => {
    const plane = await openDataPlane();
    const connection = plane.connect();
    connection.send(requestOf(`GET ${path} HTTP/1.1`, plane.headers(['Connection', 'Upgrade'], header)));
    expectRefusal(await connection.answer(), status, 'BadRequest', message);
    await connection.closed();
  });

  it('refuses CONNECT and hangs up', async () => {
    const plane = await openDataPlane();
    const connection = plane.connect().send(requestOf('CONNECT 127.0.0.1:22 HTTP/1.1', plane.headers()));
    expectRefusal(await connection.answer(), 400, 'BadRequest', 'Only plain HTTP/1.1 requests are answered here');
    await connection.closed();
  });

  it.each([
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a bare line feed in a header', 'GET / HTTP/1.1\nHost: 127.0.0.1\n\r\n\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \0\r\n\r\n'],
    ['both lengths', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['8-bit characters in the target', 'GET /credentials/d\xc3\xa9v HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ])('refuses %s and hangs up', async (_what, bytes) => {
    const plane = await openDataPlane();
    const connection = plane.connect().send(bytes);
    expectRefusal(await connection.answer(), 400, 'BadRequest', 'This is not an HTTP/1.1 request');
    await connection.closed();
  });

  it('case 26: refuses 16 KiB of headers with 431 and stays up', async () => {
    const plane = await openDataPlane();
    const connection = plane
      .connect()
      .send(requestOf(`GET ${path} HTTP/1.1`, plane.headers(['X', 'x'.repeat(16_384)])));
    expectRefusal(await connection.answer(), 431, 'BadRequest', 'More than 16 KiB of headers were sent');
    await connection.closed();
    expect((await plane.get(path)).status).toBe(200);
  });

  it('case 26: serves others while one sends its headers slowly', async () => {
    const plane = await openDataPlane();
    const slow = plane.connect().send(`GET ${path} HTTP/1.1\r\nHo`);
    expect((await plane.get(path)).status).toBe(200);
    slow.send(`st: 127.0.0.1\r\nAuthorization: ${plane.token}\r\n\r\n`);
    expect((await slow.answer()).status).toBe(200);
    slow.destroy();
  });

  it('limits how long a request may take to arrive', async () => {
    const { app } = await openDataPlane();
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount, maxConnections } = app.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount, maxConnections }).toEqual({
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      maxHeadersCount: 0,
      maxConnections: 1024,
    });
  });
});

it('case 25: keeps a connection for the next request, and says for how long', async () => {
  const plane = await openDataPlane();
  const connection = plane.connect();
  const request = requestOf(`GET ${path} HTTP/1.1`, plane.headers());
  expect((await connection.send(request).answer()).headers).toMatchObject({
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
  });
  expect((await connection.send(request).answer()).status).toBe(200);
  connection.destroy();
});
