import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../../src/core/api.ts';
import type { Streams } from './streams.ts';

export interface DaemonCommands {
  /** Reads the configuration again; resolves with its complaints. */
  readonly reload: () => Promise<readonly string[]>;
  /** Starts to stop; called once the answer is on its way. */
  readonly shutdown: () => void;
}

export function addDaemon(app: FastifyInstance, { reload, shutdown }: DaemonCommands): void {
  app.post('/v1/reload', async () => ({ problems: await reload() }));

  app.post('/v1/shutdown', (_request, reply) => {
    reply.raw.once('close', shutdown);
    return reply.code(202).send({ stopping: true });
  });
}

/** Says that something changed, not what: whoever listens asks for the status. */
export function addEvents(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.get('/v1/events', (_request, reply) => streams.events(reply, 'changed', (changed) => broker.watch(changed)));
}
