import { sign } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Emulator, Knobs } from '../../../src/emulator/index.ts';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { emulated } from '../../support/emulated.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import type { Reply } from '../../support/oidc-client.ts';
import {
  loginSession,
  newKey,
  type ProofChanges,
  publicJwk,
  SigninClient,
  sameDevice,
} from '../../support/signin-client.ts';

async function world(knobs: Partial<Knobs> = {}) {
  const { emulator, clock } = await emulated(knobs);
  onTestFinished(() => assertMatchesModels(emulator.journal));
  return { emulator, clock, client: new SigninClient(emulator, clock.now) };
}

const refusal = ({ status, body, headers }: Reply) => ({
  status,
  error: body['error'],
  type: headers.get('x-amzn-errortype')?.split(':')[0],
});

const invalid = { status: 400, error: 'INVALID_REQUEST', type: 'ValidationException' };
const denied = (status: number, error: string) => ({ status, error, type: 'AccessDeniedException' });

const spent = async (emulator: Emulator, accessKeyId: string): Promise<boolean> => {
  const called = await emulator.journal.finished('CreateOAuth2Token');
  return called.some(({ answer }) => answer?.body.includes(accessKeyId));
};

describe('the emulated sign-in service', () => {
  it('hands out credentials for fifteen minutes, a refresh token, and to a code alone an ID token', async () => {
    const { client, emulator } = await world();
    const login = await client.logIn();
    expect(await spent(emulator, login.accessToken.accessKeyId)).toBe(true);
    expect(JSON.parse(atob(login.idToken.split('.')[1] ?? ''))).toMatchObject({ sub: loginSession });
    const { status, body } = await client.refresh(login.refreshToken);
    expect([status, body['expiresIn'], body['tokenType'], body['idToken']]).toEqual([200, 900, 'aws_sigv4', undefined]);
    expect(body['refreshToken']).not.toBe(login.refreshToken);
  });

  it('gives whoever sends a refresh token again the same answer while its credentials live, and then refuses it', async () => {
    const { client, clock } = await world();
    const { refreshToken } = await client.logIn();
    const first = await client.refresh(refreshToken);
    clock.advance(minutes(10));
    const second = await client.refresh(refreshToken);
    expect(second.body).toEqual({ ...first.body, expiresIn: 300 });
    clock.advance(minutes(5));
    expect(refusal(await client.refresh(refreshToken))).toEqual(denied(401, 'TOKEN_EXPIRED'));
    expect((await client.refresh(String(first.body['refreshToken']))).status).toBe(200);
  });

  it('ends a session after twelve hours, and credentials with it', async () => {
    const { client, clock } = await world();
    let { refreshToken } = await client.logIn();
    clock.advance(hours(12) - minutes(1));
    const { body } = await client.refresh(refreshToken);
    expect(body['expiresIn']).toBe(60);
    refreshToken = String(body['refreshToken']);
    clock.advance(minutes(1));
    expect(refusal(await client.refresh(refreshToken))).toEqual(denied(401, 'TOKEN_EXPIRED'));
  });

  it.each([
    ['TOKEN_EXPIRED', 401],
    ['USER_CREDENTIALS_CHANGED', 403],
    ['INSUFFICIENT_PERMISSIONS', 403],
  ] as const)('refuses a principal with %s, and no longer when that is over', async (error, status) => {
    const { client, emulator } = await world();
    const { refreshToken } = await client.logIn();
    emulator.logins.refuse(loginSession, error);
    expect(refusal(await client.refresh(refreshToken))).toEqual(denied(status, error));
    emulator.logins.refuse(loginSession, null);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('refuses in another region what it issued in one', async () => {
    const { client } = await world();
    const { refreshToken } = await client.logIn('eu-west-1');
    expect(refusal(await client.refresh(refreshToken, {}, 'eu-central-1'))).toEqual(invalid);
    expect((await client.refresh(refreshToken, {}, 'eu-west-1')).status).toBe(200);
  });

  it('redeems a code once, in time, for the verifier and the address it was asked for', async () => {
    const { client, clock } = await world();
    const redeem = (grant: object) => client.token({ ...grant, grantType: 'authorization_code' });
    const grant = client.approve();
    expect(refusal(await redeem({ ...client.approve(), codeVerifier: 'v'.repeat(43) }))).toEqual(invalid);
    expect(refusal(await redeem({ ...client.approve(), redirectUri: 'http://127.0.0.1:1/other' }))).toEqual(invalid);
    expect((await redeem(grant)).status).toBe(200);
    expect(refusal(await redeem(grant))).toEqual(denied(401, 'AUTHCODE_EXPIRED'));
    const late = client.approve();
    clock.advance(minutes(10));
    expect(refusal(await redeem(late))).toEqual(denied(401, 'AUTHCODE_EXPIRED'));
  });

  it.each([
    ['an unknown refresh token', { refreshToken: 'unknown' }],
    ['another client', { clientId: 'arn:aws:signin:::devtools/cross-device' }],
  ])('refuses %s', async (_what, changes) => {
    const { client } = await world();
    const { refreshToken } = await client.logIn();
    const body = { clientId: sameDevice, grantType: 'refresh_token', refreshToken, ...changes };
    expect(refusal(await client.token(body))).toEqual(invalid);
  });
});

describe('a proof of possession', () => {
  it.each<[string, (client: SigninClient) => ProofChanges]>([
    ['is missing', () => ({ raw: null })],
    ['is no JWT', () => ({ raw: 'nonsense' })],
    ['has another type', () => ({ header: { typ: 'jwt' } })],
    ['names another algorithm', () => ({ header: { alg: 'ES384' } })],
    ['is made with a key of another curve', () => proofBy(newKey('P-384'))],
    ['is signed by another key than it shows', () => ({ key: newKey() })],
    ["is made with another key than the session's", () => proofBy(newKey())],
    ['shows a private key', ({ key }) => ({ header: { jwk: key.export({ format: 'jwk' }) } })],
    ['is for another method', () => ({ claims: { htm: 'GET' } })],
    ['is for another URL', () => ({ claims: { htu: 'https://us-east-1.signin.aws.amazon.com/v1/token' } })],
    ['has no identifier', () => ({ claims: { jti: '' } })],
  ])('is refused when it %s', async (_what, changesOf) => {
    const { client } = await world();
    const { refreshToken } = await client.logIn();
    expect(refusal(await client.refresh(refreshToken, changesOf(client)))).toEqual(invalid);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it.each([
    [-minutes(5) - seconds(1), 400],
    [-minutes(5), 200],
    [minutes(5), 200],
    [minutes(5) + seconds(1), 400],
  ])('made %i ms from now is answered with %i', async (ms, status) => {
    const { client, clock } = await world();
    const { refreshToken } = await client.logIn();
    const iat = (clock.now() + ms) / 1000;
    expect((await client.refresh(refreshToken, { claims: { iat } })).status).toBe(status);
  });

  it('is not signed in DER, which is what most tools make', async () => {
    const { client, emulator } = await world();
    const { refreshToken } = await client.logIn();
    const proof = client.proof(`${emulator.endpointsOf('us-east-1').AWS_ENDPOINT_URL_SIGNIN}/v1/token`);
    const text = proof.slice(0, proof.lastIndexOf('.'));
    const raw = `${text}.${sign('sha256', Buffer.from(text), client.key).toString('base64url')}`;
    expect(refusal(await client.refresh(refreshToken, { raw }))).toEqual(invalid);
    expect((await client.refresh(refreshToken, { raw: proof })).status).toBe(200);
  });

  it('serves once', async () => {
    const { client } = await world();
    const { refreshToken } = await client.logIn();
    const changes = { claims: { jti: 'the same' } };
    expect((await client.refresh(refreshToken, changes)).status).toBe(200);
    expect(refusal(await client.refresh(refreshToken, changes))).toEqual(invalid);
  });
});

const proofBy = (key: ReturnType<typeof newKey>): ProofChanges => ({ key, header: { jwk: publicJwk(key) } });
