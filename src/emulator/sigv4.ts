/**
 * Checks an AWS Signature Version 4, in the header or in the query (a presigned URL), as AWS's services do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, hash } from 'node:crypto';
import type { Call, Refused } from './call.ts';
import type { IssuedKeys, Keys } from './keys.ts';

const maxSkewMs = 5 * 60_000;
/**
 * STS takes a presigned URL for so long whatever its X-Amz-Expires says, on which the tokens of EKS rely.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
 */
const presignedMs = 15 * 60_000;

/** By STS's names; other services word them in their own way. */
export type SignatureFault =
  | 'ExpiredToken'
  | 'IncompleteSignature'
  | 'InvalidClientTokenId'
  | 'MissingAuthenticationToken'
  | 'SignatureDoesNotMatch';

export interface SignatureCheck {
  readonly service: 'sts' | 'eks';
  readonly keys: Keys;
  readonly now: number;
  readonly refuse: (fault: SignatureFault, message: string) => Refused;
}

/** Who signed, and for which region. */
export interface Signer extends IssuedKeys {
  readonly region: string;
}

class BadSignature extends Error {
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

interface Signature {
  readonly accessKeyId: string;
  /** `date/region/sts/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T000000Z` */
  readonly timestamp: string;
  readonly sessionToken: string | null;
  /** How long after its time it holds. */
  readonly lifeMs: number;
}

/** Throws what `refuse` makes of whatever is wrong. */
export function verifySignature(call: Call, check: SignatureCheck): Signer {
  try {
    return verified(call, check);
  } catch (thrown) {
    if (thrown instanceof BadSignature) throw check.refuse(thrown.fault, thrown.message);
    throw thrown;
  }
}

function verified(call: Call, { service, keys, now }: SignatureCheck): Signer {
  const signature = readSignature(call, service);
  const signer = keys.find(signature.accessKeyId);
  if (signer === undefined || signer.sessionToken !== signature.sessionToken) {
    throw new BadSignature('InvalidClientTokenId', 'The security token included in the request is invalid.');
  }
  refuseSkew(signature, now);
  if (signatureOf(call, signature, signer.secretAccessKey) !== signature.signature) {
    throw mismatch('The request signature we calculated does not match the signature you provided.');
  }
  if (now >= signer.expiresAt) {
    throw new BadSignature('ExpiredToken', 'The security token included in the request is expired');
  }
  return { ...signer, region: signature.scope.split('/')[1] ?? '' };
}

const mismatch = (message: string) => new BadSignature('SignatureDoesNotMatch', message);
const incomplete = (message: string) => new BadSignature('IncompleteSignature', message);

function readSignature(call: Call, ownService: string): Signature {
  const header = call.headers['authorization'];
  if (header === undefined && !call.query.has('X-Amz-Signature')) {
    throw new BadSignature('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const signature = header === undefined ? fromQuery(call) : fromHeader(header, call);
  refuseUnsignedHeaders(call, signature.signedHeaders);
  const [date, region, service, terminator] = signature.scope.split('/');
  if (service !== ownService || terminator !== 'aws4_request' || !/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region ?? '')) {
    throw mismatch(`Credential should be scoped to a valid region and to service "${ownService}".`);
  }
  if (date !== signature.timestamp.slice(0, 8)) throw mismatch('Date in Credential scope does not match the request.');
  return signature;
}

function fromHeader(header: string, call: Call): Signature {
  const parts =
    /^AWS4-HMAC-SHA256 +Credential=([^/,]+)\/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(header);
  const [, accessKeyId = '', scope = '', signedHeaders = '', signature = ''] = parts ?? [];
  if (parts === null) throw incomplete('Authorization header requires Credential, SignedHeaders and Signature.');
  return {
    accessKeyId,
    scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp: call.headers['x-amz-date'] ?? '',
    sessionToken: call.headers['x-amz-security-token'] ?? null,
    lifeMs: maxSkewMs,
  };
}

function fromQuery({ query }: Call): Signature {
  const [accessKeyId = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || !(Number(query.get('X-Amz-Expires')) > 0)) {
    throw incomplete('A presigned URL requires X-Amz-Algorithm, X-Amz-Credential and X-Amz-Expires.');
  }
  return {
    accessKeyId,
    scope: scope.join('/'),
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    timestamp: query.get('X-Amz-Date') ?? '',
    sessionToken: query.get('X-Amz-Security-Token'),
    lifeMs: presignedMs,
  };
}

/** Host and every `x-amz-` header must be covered, or somebody on the way could change them. */
function refuseUnsignedHeaders(call: Call, signed: readonly string[]): void {
  const needed = ['host', ...Object.keys(call.headers).filter((name) => name.startsWith('x-amz-'))];
  const missing = needed.find((name) => !signed.includes(name));
  if (missing !== undefined) throw mismatch(`"${missing}" must be a "SignedHeader" in the request.`);
}

function refuseSkew({ timestamp, lifeMs }: Signature, now: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (parts === null) throw incomplete('Date must be in ISO-8601 basic format.');
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  if (now > at + lifeMs) throw mismatch(`Signature expired: ${timestamp} is now too early.`);
  if (now < at - maxSkewMs) throw mismatch(`Signature not yet current: ${timestamp} is still later.`);
}

function signatureOf(call: Call, { scope, timestamp, signedHeaders }: Signature, secret: string): string {
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest(call, signedHeaders))].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

const canonicalRequest = (call: Call, signedHeaders: readonly string[]): string =>
  [
    call.method,
    // Every service but S3 encodes what is already encoded once more.
    call.path.split('/').map(encode).join('/'),
    canonicalQuery(call.rawQuery),
    ...signedHeaders.map((name) => `${name}:${(call.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    sha256(call.body),
  ].join('\n');

const canonicalQuery = (rawQuery: string): string =>
  [...new URLSearchParams(rawQuery)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

/** RFC 3986, which encodes more than `encodeURIComponent`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string): string => hash('sha256', text);
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
