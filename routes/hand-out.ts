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
  readonly document: 'container' | 'process';
  /** Milliseconds this caller can wait. */
  readonly hold: (request: FastifyRequest) => number;
}

interface Asks {
  readonly Params: { readonly profile: string };
}

/** Answers with one of a profile's documents. Warm: bytes that are ready, and nothing awaited. */
export function handOut({ broker, limits, document, hold }: HandOut) {
  return (request: FastifyRequest<Asks>, reply: FastifyReply): Promise<Uint8Array> | undefined => {
    const { profile } = request.params;
    request.visit = { ...request.visit, profile };
    refuseOutside(request, profile);
    const served = broker.peek(profile);
    if (served === null) return wait(request, reply);
    send(request, reply, served);
    return undefined;
  };

  function send(request: FastifyRequest, reply: FastifyReply, served: Served): void {
    request.visit = { ...request.visit, source: 'warm' };
    reply.headers(fixedHeaders).send(served[document]);
  }

  async function wait(request: FastifyRequest<Asks>, reply: FastifyReply): Promise<Uint8Array> {
    const { profile } = request.params;
    request.visit = { ...request.visit, source: 'cold' };
    const signal = hungUp(reply);
    await limits.upstream(request);
    const served = await broker.get(profile, { holdMs: hold(request), signal });
    reply.headers(fixedHeaders);
    return served[document];
  }
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
