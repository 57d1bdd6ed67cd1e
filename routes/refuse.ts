import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../src/core/ports.ts';
import { controlBody, controlRefusal, dataBody, dataRefusal, fixedHeaders, type Refusal, traceOf } from './errors.ts';
import type { Limits } from './limits.ts';

export type Refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** On the data plane. A stranger who knocks too often gets the same words, no line in the log, and no kept connection. */
export const refuseData =
  (log: Log, limits: Limits): Refuse =>
  async (thrown, request, reply) => {
    const refusal = dataRefusal(thrown);
    noteBug(log, refusal, thrown);
    const tooMany = request.visit.grant === null && (await limits.stranger(request));
    if (tooMany) reply.header('connection', 'close');
    request.visit = { ...request.visit, refusal, logged: !tooMany };
    send(reply, refusal, dataBody(refusal));
  };

export const refuseControl =
  (log: Log): Refuse =>
  async (thrown, _request, reply) => {
    const refusal = controlRefusal(thrown);
    noteBug(log, refusal, thrown);
    send(reply, refusal, controlBody(refusal));
  };

function send(reply: FastifyReply, { status, allow }: Refusal, body: Buffer): void {
  if (allow !== null) reply.header('allow', allow);
  reply.code(status).headers(fixedHeaders).send(body);
}

export function noteBug(log: Log, { status }: Refusal, thrown: unknown): void {
  if (status === 500) log.error(traceOf(thrown), 'internal error');
}
