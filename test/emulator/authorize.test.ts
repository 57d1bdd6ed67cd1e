import { describe, expect, it } from 'vitest';
import { emulated } from '../support/emulated.ts';
import { minutes } from '../support/fake-clock.ts';
import { pkce } from '../support/oidc-client.ts';

const redirectUri = 'http://127.0.0.1:45123/oauth/callback';

/** A browser login up to the point where the page is asked for; a change with undefined leaves a parameter out. */
const started = async (knobs = {}) => {
  const parts = await emulated({ autoApprove: true, ...knobs });
  const client = await parts.oidc.register();
  const proof = pkce();
  const visit = (changes: Readonly<Record<string, string | undefined>> = {}) => {
    const all = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: redirectUri,
      state: 's t&te',
      code_challenge_method: 'S256',
      code_challenge: proof.codeChallenge,
      scopes: 'sso:account:access',
      ...changes,
    };
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const query = new URLSearchParams(present);
    return fetch(`${parts.emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC}/authorize?${query}`, { redirect: 'manual' });
  };
  const code = async () => callbackOf(await visit()).get('code');
  const exchange = async (changes: Readonly<Record<string, unknown>>, as = client) => {
    const grant = { grantType: 'authorization_code', redirectUri, codeVerifier: proof.codeVerifier, ...changes };
    const { status, body } = await parts.oidc.token(as, grant);
    return status === 200 ? 'tokens' : body['error'];
  };
  return { ...parts, client, visit, code, exchange };
};

function callbackOf(response: Response): URLSearchParams {
  const location = response.headers.get('location') ?? '';
  expect(location.startsWith(`${redirectUri}?`)).toBe(true);
  return new URL(location).searchParams;
}

describe('the authorize page', () => {
  it('goes back to the client at its own port, with a code and the state', async () => {
    const { visit } = await started();
    const response = await visit();
    expect(response.status).toBe(303);
    const back = callbackOf(response);
    expect(back.get('state')).toBe('s t&te');
    expect(back.get('code')?.length).toBeGreaterThan(40);
  });

  it('takes the standard name of the scope parameter too', async () => {
    const { visit } = await started();
    expect(callbackOf(await visit({ scopes: undefined, scope: 'sso:account:access' })).has('code')).toBe(true);
  });

  it.each([
    ['another host', 'http://localhost:45123/oauth/callback'],
    ['a spelling of the same address', 'http://127.1:45123/oauth/callback'],
    ['another path', 'http://127.0.0.1:45123/elsewhere'],
    ['a query of its own', 'http://127.0.0.1:45123/oauth/callback?x=1'],
    ['TLS', 'https://127.0.0.1:45123/oauth/callback'],
    ['a host after user information', 'http://127.0.0.1:1@example.com/oauth/callback'],
  ])('redirects nobody to %s', async (_what, redirect_uri) => {
    const { visit } = await started();
    const response = await visit({ redirect_uri });
    expect(response.status).toBe(400);
    expect(response.headers.has('location')).toBe(false);
  });

  it('redirects nobody for an unknown client', async () => {
    const { visit } = await started();
    expect((await visit({ client_id: 'unknown' })).status).toBe(400);
  });

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge: 'short' }],
    ['invalid_scope', { scopes: 'sso:account:access iam:*' }],
  ])('tells the client %s', async (error, changes) => {
    const { visit } = await started();
    const back = callbackOf(await visit(changes));
    expect(Object.fromEntries(back)).toEqual({ error, state: 's t&te' });
  });
});

describe('an authorization code', () => {
  it('brings tokens once', async () => {
    const { code, exchange } = await started();
    const given = await code();
    expect(await exchange({ code: given })).toBe('tokens');
    expect(await exchange({ code: given })).toBe('invalid_grant');
  });

  it.each([
    ['another verifier', { codeVerifier: pkce().codeVerifier }, 'invalid_grant'],
    ['no verifier', { codeVerifier: undefined }, 'invalid_request'],
    ['a verifier that is too short', { codeVerifier: 'short' }, 'invalid_grant'],
    ['another port', { redirectUri: 'http://127.0.0.1:1/oauth/callback' }, 'invalid_grant'],
    ['a code nobody gave', { code: 'made-up' }, 'invalid_grant'],
  ])('is refused with %s', async (_what, changes, error) => {
    const { code, exchange } = await started();
    expect(await exchange({ code: await code(), ...changes })).toBe(error);
  });

  it('is refused to another client', async () => {
    const { code, exchange, oidc } = await started();
    expect(await exchange({ code: await code() }, await oidc.register())).toBe('invalid_grant');
  });

  it('lives ten minutes', async () => {
    const { code, exchange, clock } = await started();
    const [early, late] = [await code(), await code()];
    clock.advance(minutes(10) - 1);
    expect(await exchange({ code: early })).toBe('tokens');
    clock.advance(1);
    expect(await exchange({ code: late })).toBe('expired_token');
  });

  it('can be made to expire', async () => {
    const { code, exchange, emulator } = await started();
    const given = await code();
    emulator.people.expireCodes();
    expect(await exchange({ code: given })).toBe('expired_token');
  });
});
