import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BrokerApi, GetOptions } from '../../src/core/api.ts';
import type { SyncEvent } from '../../src/core/views.ts';
import { fixedHeaders } from '../errors.ts';
import { hungUp } from '../hand-out.ts';
import type { Streams } from './streams.ts';

interface SyncBody {
  /** Null asks every session. */
  readonly session: string | null;
}

interface Named {
  readonly Params: { readonly name: string };
}

interface Checkout extends Named {
  readonly Body: { readonly format: 'process' | 'container' };
}

const syncBody = {
  type: 'object',
  required: ['session'],
  additionalProperties: false,
  properties: { session: { type: ['string', 'null'] } },
} as const;

const checkoutBody = {
  type: 'object',
  required: ['format'],
  additionalProperties: false,
  properties: { format: { enum: ['process', 'container'] } },
} as const;

export function addProfiles(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.get('/v1/profiles', () => ({ profiles: broker.profiles() }));
  app.get<Named>('/v1/profiles/:name/explain', (request) => broker.explain(request.params.name));
  addSync(app, broker, streams);
  addCredentials(app, broker);
}

function addSync(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.post<{ Body: SyncBody }>('/v1/profiles/sync', { schema: { body: syncBody } }, (request, reply) => {
    const { session } = request.body;
    const sessions = session === null ? broker.sessions().map(({ name }) => name) : [session];
    return streams.lines<SyncEvent>(reply, async (write, left) => {
      for (const name of sessions) {
        const progress = (accounts: number, done: number) =>
          write({ event: 'progress', session: name, accounts, done });
        // One session that needs a sign-in must not hide what the others offer.
        const entries = await broker.errands
          .catalogue(name, progress, left)
          .catch((thrown: unknown) => ({ ...streams.failed(thrown), session: name }));
        write('event' in entries ? entries : { event: 'entries', entries });
        if (left.aborted) return;
      }
    });
  });
}

function addCredentials(app: FastifyInstance, broker: BrokerApi): void {
  /** One attempt, and time for a person to sign in. */
  const patience = (reply: FastifyReply): GetOptions => ({
    holdMs: broker.settings().refresh.hold.credentialProcessMs,
    signal: hungUp(reply),
  });

  app.post<Checkout>('/v1/profiles/:name/checkout', { schema: { body: checkoutBody } }, async (request, reply) => {
    const { name } = request.params;
    const served = broker.peek(name) ?? (await broker.get(name, patience(reply)));
    return reply.headers(fixedHeaders).send(served[request.body.format]);
  });

  app.post<Named>('/v1/profiles/:name/refresh', async (request, reply) => {
    const { expiresAt } = await broker.renew(request.params.name, patience(reply));
    return { expiresAt: new Date(expiresAt).toISOString() };
  });

  app.post<Named>('/v1/profiles/:name/checkin', async (request) => ({
    givenBack: await broker.checkin(request.params.name),
  }));
}
