import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../src/emulator/index.ts';
import { emulated } from '../../support/emulated.ts';
import { hours, minutes } from '../../support/fake-clock.ts';

const user = {
  arn: 'arn:aws:iam::111122223333:user/dev',
  accessKeyId: 'AKIAEXAMPLEONLY00001',
  secretAccessKey: 'user-secret',
};

async function world(knobs: Partial<Knobs> = {}) {
  const { emulator, clock, oidc } = await emulated({ userKeys: [user], ...knobs });
  const { accessToken } = await oidc.logIn(await oidc.register());
  const { body } = await oidc.roleCredentials(accessToken);
  const role = body['roleCredentials'] as { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  const url = `${emulator.environment.AWS_ENDPOINT_URL_SIGNIN}/federation`;
  const sessionOf = (keys: typeof role) =>
    JSON.stringify({ sessionId: keys.accessKeyId, sessionKey: keys.secretAccessKey, sessionToken: keys.sessionToken });
  const ask = async (fields: Readonly<Record<string, string>>, method = 'GET') => {
    const query = new URLSearchParams({ Action: 'getSigninToken', Session: sessionOf(role), ...fields });
    const response =
      method === 'GET'
        ? await fetch(`${url}?${query}`, { redirect: 'manual' })
        : await fetch(url, { method, body: query });
    return { status: response.status, text: await response.text(), location: response.headers.get('location') };
  };
  const token = async (fields = {}, method = 'GET'): Promise<string> =>
    JSON.parse((await ask(fields, method)).text).SigninToken;
  return { emulator, clock, role, ask, token, sessionOf };
}

const destination = 'https://console.aws.amazon.com/s3/home?region=us-east-1';

describe("the console's federation endpoint", () => {
  it.each(['GET', 'POST'])('makes a sign-in token of credentials by %s, and a session of the token', async (method) => {
    const { token, ask } = await world();
    const SigninToken = await token({}, method);
    const login = { Action: 'login', Issuer: 'test', Destination: destination, SigninToken };
    expect(await ask(login)).toMatchObject({ status: 302, location: destination });
  });

  it('takes no POST where it does not', async () => {
    const { ask } = await world({ federationTakesPost: false });
    expect((await ask({}, 'POST')).status).toBe(405);
    expect((await ask({})).status).toBe(200);
  });

  it.each([
    ['899', 400],
    ['900', 200],
    ['43200', 200],
    ['43201', 400],
    ['an hour', 400],
  ])('answers a session of %s seconds with %i', async (SessionDuration, status) => {
    expect((await (await world()).ask({ SessionDuration })).status).toBe(status);
  });

  it.each([
    ['what is no JSON', 'none'],
    ['nobody', JSON.stringify({ sessionId: 'ASIAUNKNOWN', sessionKey: 'x', sessionToken: 'y' })],
    [
      'an IAM user',
      JSON.stringify({ sessionId: user.accessKeyId, sessionKey: user.secretAccessKey, sessionToken: null }),
    ],
  ])('refuses %s with a page', async (_who, Session) => {
    const { status, text } = await (await world()).ask({ Session });
    expect([status, text]).toEqual([400, expect.stringContaining('Invalid credentials parameter')]);
  });

  it('refuses a wrong secret and credentials that have ended', async () => {
    const { ask, role, sessionOf, clock } = await world();
    expect((await ask({ Session: sessionOf({ ...role, secretAccessKey: 'wrong' }) })).status).toBe(400);
    clock.advance(hours(1));
    expect((await ask({})).status).toBe(400);
  });

  it.each([
    ['an unknown token', { SigninToken: 'unknown' }],
    ['a page elsewhere', { Destination: 'https://console.aws.amazon.com.example.com/' }],
  ])('lets nobody in with %s', async (_what, changes) => {
    const { token, ask } = await world();
    const login = { Action: 'login', Issuer: 'test', Destination: destination, SigninToken: await token() };
    expect((await ask({ ...login, ...changes })).status).toBe(400);
  });

  it('lets nobody in after a quarter of an hour', async () => {
    const { token, ask, clock } = await world();
    const login = { Action: 'login', Issuer: 'test', Destination: destination, SigninToken: await token() };
    clock.advance(minutes(15));
    expect((await ask(login)).status).toBe(400);
  });
});
