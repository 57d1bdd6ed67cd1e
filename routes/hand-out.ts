import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerApi, Served } from '../src/core/api.ts';
import { BrokerError } from '../src/core/errors.ts';
import { covers } from '../src/core/grants.ts';
import { CallerLeft, clip, fixedHeaders } from './errors.ts';
import type { Limits } from './limits.ts';
import { grantOf } from './visit.ts';

export interface HandOut {
  readonly broker: BrokerApi;
  readonly limits: Limits;
  /** What is made of a profile's credentials, for this request; throws where the request makes no sense. */
  readonly document: (request: FastifyRequest) => Document;
  /** Milliseconds this caller can wait. */
  readonly hold: (request: FastifyRequest) => number;
}

/** Bytes that are ready, or a promise of them. */
type Document = (served: Served) => Uint8Array | Promise<Uint8Array>;

interface Asks {
  readonly Params: { readonly profile: string };
}

/** Answers with a document of a profile. Warm: bytes that are ready, and nothing awaited. */
export function handOut({ broker, limits, document, hold }: HandOut) {
  return (request: FastifyRequest<Asks>, reply: FastifyReply): Promise<Uint8Array> | undefined => {
    const { profile } = request.params;
    request.visit = { ...request.visit, profile };
    refuseOutside(request, profile);
    const made = document(request);
    const served = broker.peek(profile);
    if (served === null) return wait(request, reply, made);
    request.visit = { ...request.visit, source: 'warm' };
    const bytes = made(served);
    if (bytes instanceof Promise) return finished(reply, bytes);
    reply.headers(fixedHeaders).send(bytes);
    return undefined;
  };

  async function wait(request: FastifyRequest<Asks>, reply: FastifyReply, made: Document): Promise<Uint8Array> {
    const { profile } = request.params;
    request.visit = { ...request.visit, source: 'cold' };
    const signal = hungUp(reply);
    await limits.upstream(request);
    const served = await broker.get(profile, { holdMs: hold(request), signal });
    return finished(reply, made(served));
  }
}

/** The headers last: a failure has its own. */
async function finished(reply: FastifyReply, bytes: ReturnType<Document>): Promise<Uint8Array> {
  const body = await bytes;
  reply.headers(fixedHeaders);
  return body;
}

/** Before the profile is looked up, so that a scoped grant cannot tell which others exist. */
function refuseOutside(request: FastifyRequest, profile: string): void {
  const grant = grantOf(request);
  if (covers(grant, profile)) return;
  const name = clip(profile, 32);
  throw new BrokerError('Forbidden', `This grant does not cover "${name}". Run: credbroker grant add`);
}

/** Aborted when the connection ends, which after a complete answer disturbs nobody. */
export function hungUp(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort(new CallerLeft()));
  return gone.signal;
}
