/**
 * The gate before every handler of both planes. It lets in what an SDK or a command of ours sends and nothing that a browser,
 * a proxy or a rebound name would. The framework's own answers (bad encoding, over-long name) pass it too, see `src/app.ts`.
 */
import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../src/core/errors.ts';
import type { Grant, Grants } from '../src/core/grants.ts';
import { Refused } from './errors.ts';

const maxFields = 64;

/** Not `Sec-Fetch-Mode`: Node's own fetch sends it. */
const browserHeaders = ['origin', 'referer', 'sec-fetch-site'] as const;

/** The loopback names; a port is compared on its own, because the CRT sends none. */
const localHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d+))?$/i;

/** Throws unless the request is plain, local and one of `methods`. */
export function refuseForeign({ raw }: FastifyRequest, methods: readonly string[]): void {
  refuseFields(raw.rawHeaders);
  refuseHost(raw.headers.host, raw.socket.localPort);
  for (const name of browserHeaders) {
    if (raw.headers[name] !== undefined)
      throw new BrokerError('Forbidden', 'Web pages are refused; use an AWS SDK or curl');
  }
  const allow = methods.join(', ');
  if (!methods.includes(raw.method ?? '')) throw new Refused(405, `Only ${allow} is answered here`, allow);
  refuseTarget(raw.url ?? '');
}

/** The raw list, because Node keeps the first of two equal headers and hides the second. */
function refuseFields(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > 2 * maxFields) throw new Refused(431, `More than ${maxFields} headers were sent`);
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (name !== 'host' && name !== 'authorization') continue;
    if (seen.has(name)) throw new BrokerError('Forbidden', `The "${name}" header was sent twice; send it once`);
    seen.add(name);
  }
}

function refuseHost(host: string | undefined, ourPort: number | undefined): void {
  if (host === undefined) throw new BrokerError('BadRequest', 'The "Host" header is missing; use HTTP/1.1');
  const match = localHost.exec(host);
  if (match === null || (match[1] !== undefined && match[1] !== String(ourPort))) {
    throw new BrokerError('Forbidden', 'The "Host" header names another server; use http://127.0.0.1 and our port');
  }
}

/** Only the exact path: the JavaScript SDK reorders queries, and some clients send the fragment. */
function refuseTarget(target: string): void {
  if (target.startsWith('/') && !/[?#]/.test(target)) return;
  throw new BrokerError('BadRequest', 'Only a path is accepted here, without a host, a query or a fragment');
}

/**
 * Lets a request of the data plane in, or throws. A route is closed unless it says otherwise; an open one still refuses a wrong
 * grant. Unknown, expired and revoked get one answer.
 */
export function admit(request: FastifyRequest, grants: Grants): Grant | null {
  refuseForeign(request, ['GET']);
  const token = (request.raw.headers.authorization ?? '').replace(/^Bearer(?: |$)/i, '');
  if (token === '') {
    if (request.routeOptions.config.grant === 'optional') return null;
    throw new BrokerError('Unauthorized', 'The "Authorization" header holds no grant. Run: credbroker env <profile>');
  }
  const grant = grants.find(token);
  if (grant !== null) return grant;
  throw new BrokerError('Unauthorized', 'The grant in "Authorization" is not valid. Run: credbroker env <profile>');
}
