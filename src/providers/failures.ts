/**
 * What a request that brought no usable answer proves. The one question that matters: may the server have acted on it?
 * "No" needs proof, since a refresh token that was spent unseen must not be taken for a fresh one.
 */
import type { TransientWhy, Verdict } from '../core/types.ts';

export interface SendFailure {
  readonly type: 'failure';
  readonly why: TransientWhy;
  readonly detail: string;
  /** False only when the request certainly was not acted on, or the server itself says that it failed. */
  readonly maybeProcessed: boolean;
  /** From `Retry-After`, milliseconds. */
  readonly retryAfterMs: number | null;
}

export const failure = (why: TransientWhy, detail: string, maybeProcessed: boolean): SendFailure => ({
  type: 'failure',
  why,
  detail,
  maybeProcessed,
  retryAfterMs: null,
});

export const transient = (
  why: TransientWhy,
  detail: string,
  retryAfterMs: number | null = null,
): Extract<Verdict<never>, { type: 'transient' }> => ({ type: 'transient', why, detail, retryAfterMs });

/** For calls that may be repeated at will. */
export const transientOf = ({ why, detail, retryAfterMs }: SendFailure): Verdict<never> =>
  transient(why, detail, retryAfterMs);

/** For calls that spend something: a refresh token, an authorization code. */
export const spendingOf = (failed: SendFailure): Verdict<never> =>
  failed.maybeProcessed ? { type: 'ambiguous', detail: failed.detail } : transientOf(failed);

const nameFailed: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA']);

const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const timedOut: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

const unreadable = /^(HPE_|UND_ERR_RES_|UND_ERR_RESPONSE|ERR_HTTP2?_|Z_)/;

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const badCertificate =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/;

/** Judges what `fetch` threw by the error codes on its chain of causes; messages are for people. */
export const failureOf = (thrown: unknown, signal: AbortSignal): SendFailure => {
  if (signal.aborted) {
    const late = isNamed(signal.reason, 'TimeoutError');
    return failure(late ? 'timeout' : 'aborted', late ? 'no answer in time' : 'stopped while waiting', true);
  }
  for (const error of chain(thrown)) {
    const found = failureOfOne(error);
    if (found !== null) return found;
  }
  return failure('connect', 'the connection failed', true);
};

const failureOfOne = (error: CodedError): SendFailure | null => {
  // undici gives the refusal of an HTTP proxy no code of its own.
  const proxyStatus = /^Proxy response \((\d{3})\)/.exec(error.message)?.[1];
  if (proxyStatus !== undefined) return failure('proxy', `the proxy refused the connection (${proxyStatus})`, false);
  const code = error.code;
  if (code === null) return isNamed(error, 'TimeoutError') ? failure('timeout', 'no answer in time', true) : null;
  if (nameFailed.has(code)) return failure('dns', `the host name could not be resolved (${code})`, false);
  if (code === 'UND_ERR_PRX_TLS') return failure('proxy', 'no secure connection to the proxy', false);
  if (badCertificate.test(code)) return failure('tls', `the certificate is not trusted (${code})`, false);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return failure('tls', `the TLS connection failed (${code})`, true);
  if (error.syscall === 'connect') return failure('connect', `could not connect (${code})`, false);
  if (neverConnected.has(code)) return failure('connect', `could not connect (${code})`, error.syscall !== null);
  if (timedOut.has(code)) return failure('timeout', `no answer in time (${code})`, true);
  if (unreadable.test(code)) return failure('bad-body', `the answer could not be read (${code})`, true);
  return /^[A-Z][A-Z0-9_]*$/.test(code) ? failure('connect', `the connection failed (${code})`, true) : null;
};

interface CodedError {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly syscall: string | null;
}

/** The innermost causes first: the outer ones only say that fetch failed. Every address that was tried is a cause. */
const chain = (thrown: unknown, depth = 0): readonly CodedError[] => {
  if (!(thrown instanceof Error) || depth > 8) return [];
  const { errors } = thrown as { errors?: unknown };
  const inner = [thrown.cause, ...(Array.isArray(errors) ? errors : [])];
  return [...inner.flatMap((cause) => chain(cause, depth + 1)), coded(thrown)];
};

const coded = (error: Error): CodedError => {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return {
    name: error.name,
    message: error.message,
    code: typeof code === 'string' ? code : null,
    syscall: typeof syscall === 'string' ? syscall : null,
  };
};

const isNamed = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && value.name === name;
