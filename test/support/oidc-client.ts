/** A correct client of the emulated OIDC and portal services, with which tests sign in and then do something wrong. */
import { createHash, randomBytes } from 'node:crypto';
import type { Emulator } from '../../src/emulator/index.ts';

export const startUrl = 'https://emulated.awsapps.com/start';
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ClientKeys {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export class OidcClient {
  readonly #emulator: Emulator;
  readonly #endpoints: Emulator['environment'];

  constructor(emulator: Emulator, endpoints = emulator.environment) {
    this.#emulator = emulator;
    this.#endpoints = endpoints;
  }

  post(path: string, body: unknown): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask('AWS_ENDPOINT_URL_SSO_OIDC', path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  portal(path: string, accessToken: string, method = 'GET'): Promise<Reply> {
    return this.#ask('AWS_ENDPOINT_URL_SSO', path, { method, headers: { 'x-amz-sso_bearer_token': accessToken } });
  }

  roleCredentials(accessToken: string, accountId = '111122223333', roleName = 'DeveloperAccess'): Promise<Reply> {
    return this.portal(`/federation/credentials?role_name=${roleName}&account_id=${accountId}`, accessToken);
  }

  /** As the AWS CLI registers for its browser login; changes are for wrong clients. */
  async register(changes: Readonly<Record<string, unknown>> = {}): Promise<ClientKeys> {
    const { body } = await this.post('/client/register', { ...registration, ...changes });
    return { clientId: String(body['clientId']), clientSecret: String(body['clientSecret']) };
  }

  startDevice(client: ClientKeys, url = startUrl): Promise<Reply> {
    return this.post('/device_authorization', { ...client, startUrl: url });
  }

  token(client: ClientKeys, grant: Readonly<Record<string, unknown>>): Promise<Reply> {
    return this.post('/token', { ...client, ...grant });
  }

  refresh(client: ClientKeys, refreshToken: unknown): Promise<Reply> {
    return this.token(client, { grantType: 'refresh_token', refreshToken });
  }

  /** A whole device login that a person approves. */
  async logIn(client: ClientKeys, url = startUrl): Promise<Tokens> {
    const { body } = await this.startDevice(client, url);
    this.#emulator.people.approve(String(body['userCode']));
    const { body: tokens } = await this.token(client, { grantType: deviceGrant, deviceCode: body['deviceCode'] });
    return tokens as unknown as Tokens;
  }

  async #ask(service: keyof Emulator['environment'], path: string, init: RequestInit): Promise<Reply> {
    const response = await fetch(this.#endpoints[service] + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {} };
  }
}

export const registration = {
  clientName: 'broker-test',
  clientType: 'public',
  scopes: ['sso:account:access'],
  grantTypes: ['authorization_code', deviceGrant, 'refresh_token'],
  redirectUris: ['http://127.0.0.1/oauth/callback'],
  issuerUrl: startUrl,
};

export interface Pkce {
  readonly codeVerifier: string;
  readonly codeChallenge: string;
}

export function pkce(): Pkce {
  const codeVerifier = randomBytes(48).toString('base64url');
  return { codeVerifier, codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url') };
}
