import { describe, expect, it } from 'vitest';
import { minutes } from '../../support/fake-clock.ts';
import { emulatedIssuer, refusalOf } from '../../support/issuer-client.ts';
import { pkce } from '../../support/oidc-client.ts';

describe('the authorize page', () => {
  it('goes back to the client at its own port, with a code, the state and the issuer', async () => {
    const { client, issuer } = await emulatedIssuer();
    const back = await client.callback();
    expect(back.get('state')).toBe('s t&te');
    expect(back.get('iss')).toBe(issuer.url);
    expect(back.get('code')?.length).toBeGreaterThan(40);
  });

  it('shows who asks for what, and takes the answer once', async () => {
    const { client, issuer, emulator } = await emulatedIssuer();
    emulator.knobs.autoApprove = false;
    const html = await (await client.visit()).text();
    expect(html).toContain('<strong>cli</strong>');
    expect(html).toContain('<li>offline_access</li>');
    const request = /name="request" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const send = (decision: string) =>
      fetch(`${issuer.url}/consent`, {
        method: 'POST',
        body: new URLSearchParams({ request, decision }),
        redirect: 'manual',
      });
    const denied = await send('deny');
    expect(new URL(denied.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied');
    expect((await send('allow')).status).toBe(404);
  });

  it.each([
    ['another port', 'http://127.0.0.1:1/oauth/callback'],
    ['no port', 'http://127.0.0.1/oauth/callback'],
  ])('takes %s of the loopback address', async (_what, redirect_uri) => {
    const { client } = await emulatedIssuer();
    expect((await client.visit({ redirect_uri })).status).toBe(303);
  });

  it.each([
    ['another name for loopback', 'http://localhost:45123/oauth/callback'],
    ['the other loopback address', 'http://[::1]:45123/oauth/callback'],
    ['a spelling of the same address', 'http://127.1:45123/oauth/callback'],
    ['another path', 'http://127.0.0.1:45123/elsewhere'],
    ['a path below', 'http://127.0.0.1:45123/oauth/callback/x'],
    ['a query of its own', 'http://127.0.0.1:45123/oauth/callback?x=1'],
    ['a fragment', 'http://127.0.0.1:45123/oauth/callback#x'],
    ['TLS', 'https://127.0.0.1:45123/oauth/callback'],
    ['a host after user information', 'http://127.0.0.1:1@example.com/oauth/callback'],
    ['a longer host', 'http://127.0.0.1.example.com/oauth/callback'],
    ['nothing', ''],
  ])('redirects nobody to %s', async (_what, redirect_uri) => {
    const { client } = await emulatedIssuer();
    const response = await client.visit({ redirect_uri });
    expect(response.status).toBe(400);
    expect(response.headers.has('location')).toBe(false);
  });

  it('compares what is not loopback letter by letter', async () => {
    const { client, issuer } = await emulatedIssuer();
    const web = {
      ...issuer.knobs.clients[0],
      clientId: 'web',
      redirectUris: ['https://app.example/back?x=1'],
    } as (typeof issuer.knobs.clients)[number];
    issuer.knobs.clients = [...issuer.knobs.clients, web];
    const visit = (redirect_uri: string) => client.visit({ client_id: 'web', redirect_uri });
    const back = await visit('https://app.example/back?x=1');
    expect(back.headers.get('location')).toMatch(/^https:\/\/app\.example\/back\?x=1&code=/);
    for (const uri of [
      'https://app.example/back',
      'https://app.example:444/back?x=1',
      'https://APP.example/back?x=1',
    ]) {
      expect((await visit(uri)).status).toBe(400);
    }
  });

  it('redirects nobody for an unknown client', async () => {
    const { client } = await emulatedIssuer();
    expect((await client.visit({ client_id: 'unknown' })).status).toBe(400);
  });

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge_method: undefined }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge: 'short' }],
    ['invalid_scope', { scope: 'openid admin' }],
  ])('tells the client %s', async (error, changes) => {
    const { client, issuer } = await emulatedIssuer();
    const back = await client.callback(changes);
    expect(Object.fromEntries(back)).toEqual({ error, state: 's t&te', iss: issuer.url });
  });
});

describe('an authorization code', () => {
  it.each([
    ['another verifier', { code_verifier: pkce().codeVerifier }, '400 invalid_grant'],
    ['no verifier', { code_verifier: undefined }, '400 invalid_request'],
    ['a verifier that is too short', { code_verifier: 'short' }, '400 invalid_grant'],
    ['another port', { redirect_uri: 'http://127.0.0.1:1/oauth/callback' }, '400 invalid_grant'],
    ['a code nobody gave', { code: 'made-up' }, '400 invalid_grant'],
    ['a client nobody knows', { client_id: 'unknown' }, '401 invalid_client'],
    ['a secret that the client does not have', { client_secret: 'x' }, '401 invalid_client'],
    ['a grant nobody knows', { grant_type: 'password' }, '400 unsupported_grant_type'],
  ])('is refused with %s', async (_what, changes, refusal) => {
    const { client } = await emulatedIssuer();
    expect(refusalOf(await client.redeem(await client.code(), changes))).toBe(refusal);
  });

  it('is refused to another client', async () => {
    const { client, issuer } = await emulatedIssuer();
    const secret = issuer.knobs.clients[1]?.clientSecret ?? '';
    const changes = { client_id: 'confidential', client_secret: secret };
    expect(refusalOf(await client.redeem(await client.code(), changes))).toBe('400 invalid_grant');
  });

  it('ends the sign-in when it comes a second time', async () => {
    const { client } = await emulatedIssuer();
    const code = await client.code();
    const { body } = await client.redeem(code);
    expect(refusalOf(await client.redeem(code))).toBe('400 invalid_grant');
    expect(refusalOf(await client.refresh(String(body['refresh_token'])))).toBe('400 invalid_grant');
    expect((await client.get('/api', String(body['access_token']))).status).toBe(401);
  });

  it('lives a minute', async () => {
    const { client, clock } = await emulatedIssuer();
    const [early, late] = [await client.code(), await client.code()];
    clock.advance(minutes(1) - 1);
    expect((await client.redeem(early)).status).toBe(200);
    clock.advance(1);
    expect(refusalOf(await client.redeem(late))).toBe('400 invalid_grant');
  });

  it('can be made to expire', async () => {
    const { client, issuer } = await emulatedIssuer();
    const code = await client.code();
    issuer.people.expireCodes();
    expect(refusalOf(await client.redeem(code))).toBe('400 invalid_grant');
  });
});

describe('the client', () => {
  const confidential = (issuer: { knobs: { clients: readonly { clientSecret: string | null }[] } }): string =>
    issuer.knobs.clients[1]?.clientSecret ?? '';

  it('may show its secret in the header or in the body, and not in both', async () => {
    const { client, issuer } = await emulatedIssuer();
    const secret = confidential(issuer);
    const basic = `Basic ${btoa(`confidential:${encodeURIComponent(secret)}`)}`;
    const redeem = async (changes: Readonly<Record<string, string | undefined>>, headers = {}) =>
      (await client.redeem(await client.code({ client_id: 'confidential' }), changes, headers)).status;
    expect(await redeem({ client_id: 'confidential', client_secret: secret })).toBe(200);
    expect(await redeem({ client_id: undefined }, { authorization: basic })).toBe(200);
    expect(await redeem({ client_id: undefined, client_secret: secret }, { authorization: basic })).toBe(400);
    expect(await redeem({ client_id: 'confidential', client_secret: 'wrong' })).toBe(401);
    expect(await redeem({ client_id: 'confidential' })).toBe(401);
  });

  it('sends forms, with every parameter once', async () => {
    const { issuer } = await emulatedIssuer();
    const post = async (body: string, type = 'application/x-www-form-urlencoded') => {
      const response = await fetch(`${issuer.url}/token`, { method: 'POST', headers: { 'content-type': type }, body });
      return ((await response.json()) as { error: string }).error;
    };
    expect(await post('client_id=cli&client_id=cli&grant_type=refresh_token')).toBe('invalid_request');
    expect(await post('{"client_id":"cli"}', 'application/json')).toBe('invalid_request');
    expect(await post('client_id=cli&grant_type=refresh_token')).toBe('invalid_request');
  });

  it('may use no grant that it was not registered for', async () => {
    const { client, issuer } = await emulatedIssuer();
    issuer.knobs.clients = issuer.knobs.clients.map((one) => ({ ...one, grants: ['authorization_code'] }));
    expect(refusalOf(await client.refresh('x'))).toBe('400 unauthorized_client');
    expect(refusalOf(await client.startDevice())).toBe('400 unauthorized_client');
    issuer.knobs.clients = issuer.knobs.clients.map((one) => ({ ...one, grants: ['refresh_token'] }));
    expect((await client.callback()).get('error')).toBe('unauthorized_client');
  });
});
