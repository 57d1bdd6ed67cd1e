import { describe, expect, it } from 'vitest';
import type { TransientWhy } from '../../src/core/types.ts';
import { failureOf, spendingOf, transientOf } from '../../src/providers/failures.ts';

const never = new AbortController().signal;

/** As undici throws it: the reason is the cause of a TypeError that says nothing. */
const thrown = (code: string, extra: object = {}): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('reason'), { code, ...extra }) });

const rows: readonly (readonly [string, object, TransientWhy, boolean])[] = [
  ['ENOTFOUND', { syscall: 'getaddrinfo' }, 'dns', false],
  ['EAI_AGAIN', { syscall: 'getaddrinfo' }, 'dns', false],
  ['EAI_FAIL', { syscall: 'getaddrinfo' }, 'dns', false],
  ['ENODATA', {}, 'dns', false],
  ['ECONNREFUSED', { syscall: 'connect' }, 'connect', false],
  ['ECONNREFUSED', {}, 'connect', false],
  ['EHOSTUNREACH', { syscall: 'connect' }, 'connect', false],
  ['EHOSTUNREACH', { syscall: 'read' }, 'connect', true],
  ['EHOSTDOWN', { syscall: 'connect' }, 'connect', false],
  ['ENETUNREACH', { syscall: 'connect' }, 'connect', false],
  ['ENETUNREACH', { syscall: 'write' }, 'connect', true],
  ['ENETDOWN', { syscall: 'connect' }, 'connect', false],
  ['EADDRNOTAVAIL', { syscall: 'connect' }, 'connect', false],
  ['EACCES', { syscall: 'connect' }, 'connect', false],
  ['ETIMEDOUT', { syscall: 'connect' }, 'connect', false],
  ['UND_ERR_CONNECT_TIMEOUT', {}, 'connect', false],
  ['CERT_HAS_EXPIRED', {}, 'tls', false],
  ['CERT_NOT_YET_VALID', {}, 'tls', false],
  ['CERT_REVOKED', {}, 'tls', false],
  ['CERT_UNTRUSTED', {}, 'tls', false],
  ['CRL_HAS_EXPIRED', {}, 'tls', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', {}, 'tls', false],
  ['UNABLE_TO_GET_ISSUER_CERT', {}, 'tls', false],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', {}, 'tls', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', {}, 'tls', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', {}, 'tls', false],
  ['INVALID_CA', {}, 'tls', false],
  ['HOSTNAME_MISMATCH', {}, 'tls', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', {}, 'tls', false],
  ['EPROTO', {}, 'tls', true],
  ['ERR_SSL_WRONG_VERSION_NUMBER', {}, 'tls', true],
  ['UND_ERR_PRX_TLS', {}, 'proxy', false],
  ['ECONNRESET', { syscall: 'read' }, 'connect', true],
  ['EPIPE', { syscall: 'write' }, 'connect', true],
  ['ECONNABORTED', {}, 'connect', true],
  ['UND_ERR_SOCKET', {}, 'connect', true],
  ['UND_ERR_DESTROYED', {}, 'connect', true],
  ['ETIMEDOUT', { syscall: 'read' }, 'timeout', true],
  ['UND_ERR_HEADERS_TIMEOUT', {}, 'timeout', true],
  ['UND_ERR_BODY_TIMEOUT', {}, 'timeout', true],
  ['HPE_INVALID_CONSTANT', {}, 'bad-body', true],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', {}, 'bad-body', true],
  ['Z_DATA_ERROR', {}, 'bad-body', true],
];

describe('failureOf', () => {
  it.each(rows)('judges %s %j as %s, perhaps processed: %s', (code, extra, why, maybeProcessed) => {
    expect(failureOf(thrown(code, extra), never)).toMatchObject({ type: 'failure', why, maybeProcessed });
  });

  it('reads the code of every address that was tried', () => {
    const tried = Object.assign(new Error('connect'), { code: 'ENETUNREACH', syscall: 'connect' });
    const all = new TypeError('fetch failed', { cause: new AggregateError([tried]) });
    expect(failureOf(all, never)).toMatchObject({ why: 'connect', maybeProcessed: false });
  });

  it("knows a proxy's refusal by the only thing that undici says about it", () => {
    const refused = Object.assign(new Error('Proxy response (407) !== 200 when HTTP Tunneling'), {
      code: 'UND_ERR_ABORTED',
    });
    const failure = failureOf(new TypeError('fetch failed', { cause: refused }), never);
    expect(failure).toMatchObject({ why: 'proxy', maybeProcessed: false });
    expect(failure.detail).toContain('407');
  });

  it.each([
    ['an error without a code', new Error('what is this')],
    ['something that is no error', 'boom'],
    ['a chain of causes that never ends', endless()],
  ])('takes the worst for granted with %s', (_what, cause) => {
    expect(failureOf(cause, never)).toMatchObject({ why: 'connect', maybeProcessed: true });
  });

  it.each([
    [undefined, 'aborted'],
    [new DOMException('late', 'TimeoutError'), 'timeout'],
  ])('tells a caller that stopped from one that ran out of time: %s', (reason, why) => {
    expect(failureOf(new Error('aborted'), AbortSignal.abort(reason))).toMatchObject({ why, maybeProcessed: true });
  });

  it('quotes no message, which may hold what was sent', () => {
    const failure = failureOf(new Error('POST {"refreshToken":"rt-0"}'), never);
    expect(JSON.stringify(failure)).not.toContain('rt-0');
  });
});

describe('the verdict on a failure', () => {
  const reset = failureOf(thrown('ECONNRESET', { syscall: 'read' }), never);
  const refused = failureOf(thrown('ECONNREFUSED', { syscall: 'connect' }), never);

  it('is ambiguous for a call that spends something and may have been processed', () => {
    expect(spendingOf(reset).type).toBe('ambiguous');
    expect(spendingOf(refused).type).toBe('transient');
  });

  it('is transient for a call that may be repeated', () => {
    expect(transientOf(reset).type).toBe('transient');
  });
});

function endless(): Error {
  const error = new Error('round');
  error.cause = error;
  return error;
}
