/** A correct client of the emulated issuer, with which tests sign in and then do something wrong. */
import { expect } from 'vitest';
import type { Issuer } from '../../src/emulator/index.ts';
import type { IssuerKnobs } from '../../src/emulator/issuer/knobs.ts';
import { type Emulated, emulated } from './emulated.ts';
import { deviceGrant, pkce, type Reply } from './oidc-client.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

const redirectUri = 'http://127.0.0.1:45123/oauth/callback';

interface GrantedTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

class IssuerClient {
  readonly issuer: Issuer;
  readonly proof = pkce();

  constructor(issuer: Issuer) {
    this.issuer = issuer;
  }

  /** A change with undefined leaves a parameter out. */
  visit(changes: Parameters = {}): Promise<Response> {
    const query = presentOnly({
      response_type: 'code',
      client_id: 'cli',
      redirect_uri: redirectUri,
      scope: 'openid offline_access',
      state: 's t&te',
      nonce: 'n-1',
      code_challenge_method: 'S256',
      code_challenge: this.proof.codeChallenge,
      ...changes,
    });
    return fetch(`${this.issuer.url}/authorize?${query}`, { redirect: 'manual' });
  }

  /** What the browser brings back to the client. */
  async callback(changes: Parameters = {}): Promise<URLSearchParams> {
    const location = (await this.visit(changes)).headers.get('location') ?? '';
    expect(location.startsWith(changes['redirect_uri'] ?? redirectUri)).toBe(true);
    return new URL(location).searchParams;
  }

  async code(changes: Parameters = {}): Promise<string> {
    return (await this.callback(changes)).get('code') ?? '';
  }

  redeem(code: string, changes: Parameters = {}, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const grant = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: this.proof.codeVerifier,
    };
    return this.post('/token', { client_id: 'cli', ...grant, ...changes }, headers);
  }

  refresh(refreshToken: string, changes: Parameters = {}): Promise<Reply> {
    return this.post('/token', {
      client_id: 'cli',
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...changes,
    });
  }

  startDevice(changes: Parameters = {}): Promise<Reply> {
    return this.post('/device_authorization', { client_id: 'cli', scope: 'openid offline_access', ...changes });
  }

  poll(deviceCode: unknown): Promise<Reply> {
    return this.post('/token', { client_id: 'cli', grant_type: deviceGrant, device_code: String(deviceCode) });
  }

  /** A whole sign-in; nobody has to click where the emulator approves by itself. */
  async signIn(changes: Parameters = {}): Promise<GrantedTokens> {
    const { body } = await this.redeem(await this.code(changes));
    return body as unknown as GrantedTokens;
  }

  async post(path: string, form: Parameters, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return replyOf(await fetch(this.issuer.url + path, { method: 'POST', headers, body: presentOnly(form) }));
  }

  async get(path: string, accessToken: string | null = null): Promise<Reply> {
    const headers: Record<string, string> = accessToken === null ? {} : { authorization: `Bearer ${accessToken}` };
    return replyOf(await fetch(this.issuer.url + path, { headers }));
  }
}

const presentOnly = (parameters: Parameters): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined));

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {} };
}

export interface EmulatedIssuer extends Emulated {
  readonly issuer: Issuer;
  readonly client: IssuerClient;
}

/** An issuer on a clock of the test's own, whose pages allow by themselves. */
export async function emulatedIssuer(knobs: Partial<IssuerKnobs> = {}): Promise<EmulatedIssuer> {
  const parts = await emulated({ autoApprove: true });
  const { issuer } = parts.emulator;
  Object.assign(issuer.knobs, knobs);
  return { ...parts, issuer, client: new IssuerClient(issuer) };
}

/** What a refusal says, in a word. */
export const refusalOf = ({ status, body }: Reply): string => `${status} ${body['error'] ?? ''}`.trim();
