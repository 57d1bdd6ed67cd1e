/**
 * Whatever was thrown becomes an answer here and nowhere else.
 * Data plane: four keys, because Go, Java and Kotlin read the lower-case pair and the JavaScript SDK the capitalised one;
 * `application/json` without a charset, because Go compares the whole header. Control plane: `code` and `message`.
 */
import { BrokerError, type ErrorCode } from '../src/core/errors.ts';

/** What the client is told. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** The `Allow` header that a 405 owes. */
  readonly allow: string | null;
}

/** A refusal by the rules of HTTP itself, whose status no error code of ours has. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(status: number, message: string, allow: string | null = null) {
    super(message);
    this.refusal = { status, code: 'BadRequest', message, allow };
  }
}

/** Why work stops whose caller is gone: no error of anybody's, and nobody is there to be told. The status is nginx's. */
export class CallerLeft extends Refused {
  constructor() {
    super(499, 'The caller has left');
  }
}

/** On every answer of either plane. A credential must reach neither a cache nor a page. */
export const fixedHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const;

/** botocore prints the whole body and PHP cuts it at about 120 characters. */
const maxMessage = 100;

const refusal = (status: number, code: ErrorCode, message: string): Refusal => ({ status, code, message, allow: null });

const broken = refusal(500, 'InternalError', 'Something broke inside credbroker. Its broker.log says where');

export function dataRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal;
  if (thrown instanceof BrokerError) {
    return thrown.status === 500 ? broken : refusal(thrown.status, thrown.code, thrown.message);
  }
  if (!isFrameworks(thrown)) return broken;
  return refusal(400, 'BadRequest', 'This path cannot be read; percent-encode the profile name once');
}

export function controlRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal;
  if (thrown instanceof BrokerError) {
    return thrown.code === 'InternalError' ? broken : refusal(thrown.controlStatus, thrown.code, thrown.message);
  }
  if (!isFrameworks(thrown)) return broken;
  const message =
    thrown.code === 'FST_ERR_BAD_URL' ? 'This name cannot be read; percent-encode it once' : thrown.message;
  return refusal(thrown.statusCode, 'BadRequest', message);
}

/** Fastify's own complaints about a path or a body. */
function isFrameworks(thrown: unknown): thrown is Error & { readonly statusCode: number; readonly code: string } {
  if (!(thrown instanceof Error && 'statusCode' in thrown && 'code' in thrown)) return false;
  const { statusCode, code } = thrown;
  const isOurs = typeof code === 'string' && code.startsWith('FST_ERR_');
  return isOurs && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
}

/** A buffer, because Fastify adds a charset to the content type of a string. */
export function dataBody({ code, message }: Refusal): Buffer {
  return Buffer.from(JSON.stringify(fourKeys(code, clipReason(message))));
}

export const fourKeys = (code: ErrorCode, message: string) => ({ code, message, Code: code, Message: message });

export const controlBody = ({ code, message }: Refusal): Buffer => Buffer.from(JSON.stringify({ code, message }));

/** Names come from clients: no control or direction characters, and no more than `length` characters. */
export function clip(text: string, length: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}

/** What to run is worth more than all of the reason. */
function clipReason(message: string): string {
  const at = message.lastIndexOf(' Run: ');
  const room = maxMessage - (message.length - at);
  return at < 0 || room < 1
    ? clip(message, maxMessage)
    : clip(message.slice(0, at), room) + clip(message.slice(at), maxMessage);
}

/** Where it broke, without what it said: a message may quote what it choked on, JSON.parse's does. */
export function traceOf(thrown: unknown): Readonly<Record<string, unknown>> {
  if (!(thrown instanceof Error)) return { thrown: typeof thrown };
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { thrown: thrown.name, at: frames.slice(0, 5).map((line) => line.trim()) };
}
