/**
 * AWS Signature Version 4, of requests that carry it in a header and of URLs that carry it in their query.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { EpochMs } from '../core/types.ts';

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for keys that do not expire. */
  readonly sessionToken: string | null;
}

interface Signing {
  readonly keys: SigningKeys;
  readonly service: string;
  readonly region: string;
  readonly at: EpochMs;
}

export interface SignedRequest extends Signing {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** All of them are signed; `host` is added and names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers to send, those given among them; `host` is left to whoever sends. */
export const signedHeaders = async (request: SignedRequest): Promise<Readonly<Record<string, string>>> => {
  const { keys, url, at } = request;
  const { sessionToken } = keys;
  const sent = {
    ...request.headers,
    'x-amz-date': basicTime(at),
    ...(sessionToken !== null && { 'x-amz-security-token': sessionToken }),
  };
  const names = namesOf(sent);
  const signature = await signatureOf(request, new URL(url).searchParams, sent);
  const credential = `${keys.accessKeyId}/${scopeOf(request)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
};

/** A URL that whoever sends these very headers may get until `expiresSeconds` later, in the order in which AWS's own tools write it. */
export const presignedUrl = async (request: SignedRequest, expiresSeconds: number): Promise<string> => {
  const { keys, url, headers, at } = request;
  const { sessionToken } = keys;
  const { origin, pathname, searchParams } = new URL(url);
  const query = new URLSearchParams([
    ...searchParams,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${keys.accessKeyId}/${scopeOf(request)}`],
    ['X-Amz-Date', basicTime(at)],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', namesOf(headers)],
    ...(sessionToken === null ? [] : [['X-Amz-Security-Token', sessionToken] as [string, string]]),
  ]);
  const signature = await signatureOf(request, query, headers);
  return `${origin}${pathname}?${encoded(query).join('&')}&X-Amz-Signature=${signature}`;
};

const signatureOf = async (
  request: SignedRequest,
  query: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): Promise<string> => {
  const { method, url, body, keys, at, region, service } = request;
  const { host, pathname } = new URL(url);
  const all = Object.entries({ ...headers, host }).sort(byName);
  const canonical = [
    method,
    // Every service but S3 encodes what is already encoded once more.
    pathname.split('/').map(encode).join('/'),
    encoded(query).sort().join('&'),
    ...all.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, ' ')}`),
    '',
    namesOf(headers),
    await sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', basicTime(at), scopeOf(request), await sha256(canonical)].join('\n');
  let key = bytes(`AWS4${keys.secretAccessKey}`);
  for (const part of [dayOf(at), region, service, 'aws4_request', text]) key = await hmac(key, part);
  return hex(key);
};

const namesOf = (headers: Readonly<Record<string, string>>): string =>
  ['host', ...Object.keys(headers)].sort().join(';');

const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number => (one < other ? -1 : 1);

const scopeOf = ({ at, region, service }: Signing): string => `${dayOf(at)}/${region}/${service}/aws4_request`;

const encoded = (query: URLSearchParams): string[] =>
  [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`);

/** RFC 3986, which encodes more than `encodeURIComponent`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** `20261121T090000Z`. */
export const basicTime = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
const dayOf = (at: EpochMs): string => basicTime(at).slice(0, 8);

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const sha256 = async (text: string): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text))));

const hmac = async (key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytes(text)));
};

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
