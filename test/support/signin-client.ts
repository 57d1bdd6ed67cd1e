/** `aws login` and what SDKs do after it: a correct client of the emulated sign-in service, whose proofs tests may spoil. */
import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import type { Emulator } from '../../src/emulator/index.ts';
import { pkce, type Reply } from './oidc-client.ts';

export const loginSession = 'arn:aws:sts::012345678910:assumed-role/Admin/admin';
export const sameDevice = 'arn:aws:signin:::devtools/same-device';

/** What a proof says in another way than it should. */
export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject;
  /** The header's value itself; null leaves it out. */
  readonly raw?: string | null;
}

/** The file as the AWS CLI writes it. */
export interface LoginFile {
  readonly accessToken: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    readonly accountId: string;
    readonly expiresAt: string;
  };
  readonly tokenType: string;
  readonly clientId: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly dpopKey: string;
}

export const newKey = (namedCurve = 'P-256'): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;

/** What a proof shows of its key. */
export const publicJwk = (key: KeyObject): JsonWebKey => {
  const { kty = '', crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
  return { kty, crv, x, y };
};

export const pemOf = (key: KeyObject, type: 'sec1' | 'pkcs8' = 'sec1'): string =>
  key.export({ type, format: 'pem' }).toString();

export class SigninClient {
  readonly key = newKey();
  readonly #emulator: Emulator;
  readonly #now: () => number;

  constructor(emulator: Emulator, now: () => number) {
    this.#emulator = emulator;
    this.#now = now;
  }

  /** Approves and redeems: the whole of `aws login` in a region. */
  async logIn(region = 'us-east-1', type: 'sec1' | 'pkcs8' = 'sec1'): Promise<LoginFile> {
    const { code, ...grant } = this.approve(region);
    const { body } = await this.token({ ...grant, code, grantType: 'authorization_code' }, {}, region);
    const { expiresIn, ...tokens } = body as unknown as LoginFile & { readonly expiresIn: number };
    const expiresAt = `${new Date(this.#now() + expiresIn * 1000).toISOString().slice(0, 19)}Z`;
    const accountId = loginSession.split(':')[4] ?? '';
    const accessToken = { ...tokens.accessToken, accountId, expiresAt };
    return { ...tokens, accessToken, clientId: sameDevice, dpopKey: pemOf(this.key, type) };
  }

  /** What the code grant takes, after a person has said yes. */
  approve(region = 'us-east-1') {
    const { codeVerifier, codeChallenge } = pkce();
    const redirectUri = 'http://127.0.0.1:54321/oauth/callback';
    const request = { principalArn: loginSession, region, clientId: sameDevice, redirectUri, codeChallenge };
    return { clientId: sameDevice, code: this.#emulator.logins.approve(request), codeVerifier, redirectUri };
  }

  refresh(refreshToken: string, changes: ProofChanges = {}, region = 'us-east-1'): Promise<Reply> {
    return this.token({ clientId: sameDevice, grantType: 'refresh_token', refreshToken }, changes, region);
  }

  async token(body: object, changes: ProofChanges = {}, region = 'us-east-1'): Promise<Reply> {
    const url = `${this.#emulator.endpointsOf(region).AWS_ENDPOINT_URL_SIGNIN}/v1/token`;
    const dpop = changes.raw === undefined ? this.proof(url, changes) : changes.raw;
    const headers = { 'content-type': 'application/json', ...(dpop !== null && { dpop }) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as Reply['body'];
    return { status: response.status, headers: response.headers, body: answer };
  }

  proof(url: string, { header = {}, claims = {}, key = this.key }: ProofChanges = {}): string {
    const said = { jti: crypto.randomUUID(), htm: 'POST', htu: url, iat: Math.floor(this.#now() / 1000), ...claims };
    const shown = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk(this.key), ...header };
    const text = [shown, said].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }
}
