/** A form-encoded request of a client that proves who it is (RFC 6749, 2.3). */
import type { Call } from '../call.ts';
import { oauthError } from './errors.ts';
import type { IssuerClient, IssuerKnobs } from './knobs.ts';

export interface ClientRequest {
  readonly client: IssuerClient;
  readonly form: URLSearchParams;
}

export function clientRequest(knobs: IssuerKnobs, call: Call): ClientRequest {
  const form = formOf(call);
  const shown = credentials(call, form);
  const client = knobs.clients.find(({ clientId }) => clientId === shown.clientId);
  if (client === undefined || client.clientSecret !== shown.secret) {
    throw oauthError('invalid_client', 'The client is unknown, or its secret is wrong');
  }
  return { client, form };
}

/** RFC 6749, 3.2: nothing comes twice; what is empty was not sent. */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name) ?? '';
  if (value === '') throw oauthError('invalid_request', `The parameter ${name} is missing`);
  return value;
}

/** Every scope that is asked for must be one that the client may have. */
export function scopesOf(client: IssuerClient, text: string | null): readonly string[] | null {
  const scopes = (text ?? '').split(' ').filter((scope) => scope !== '');
  return scopes.every((scope) => client.scopes.includes(scope)) ? scopes : null;
}

function formOf(call: Call): URLSearchParams {
  const mediaType = (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const form = new URLSearchParams(call.body);
  const names = [...form.keys()];
  if (mediaType !== 'application/x-www-form-urlencoded') throw oauthError('invalid_request', 'The body is no form');
  if (new Set(names).size < names.length) throw oauthError('invalid_request', 'A parameter comes twice');
  return form;
}

interface ShownCredentials {
  readonly clientId: string;
  readonly secret: string | null;
}

function credentials(call: Call, form: URLSearchParams): ShownCredentials {
  const basic = /^Basic (.+)$/i.exec(call.headers['authorization'] ?? '')?.[1];
  if (basic === undefined) return { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') };
  if (form.has('client_secret')) throw oauthError('invalid_request', 'The client shows its secret twice');
  const [clientId = '', ...secret] = Buffer.from(basic, 'base64').toString().split(':');
  return { clientId: formDecoded(clientId), secret: formDecoded(secret.join(':')) };
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). */
const formDecoded = (text: string): string => new URLSearchParams(`x=${text}`).get('x') ?? '';
