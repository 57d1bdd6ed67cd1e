import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../../src/core/api.ts';
import type { StatusView } from '../../src/core/views.ts';

/** What the daemon knows of itself; asked each time, because the port is known only once it listens. */
export interface About {
  readonly daemon: () => StatusView['daemon'];
  readonly storage: () => string;
  readonly refusals: () => StatusView['refusals'];
  readonly problems: () => readonly string[];
}

export function addStatus(app: FastifyInstance, broker: BrokerApi, about: About): void {
  app.get(
    '/v1/status',
    (): StatusView => ({
      version: 1,
      daemon: about.daemon(),
      storage: about.storage(),
      sessions: broker.sessions(),
      profiles: broker.profiles(),
      refusals: about.refusals(),
      problems: about.problems(),
    }),
  );
}
