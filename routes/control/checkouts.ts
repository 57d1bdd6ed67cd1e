/** What tenants have checked out, and which profile a name means: what the daemon has to ask upstream for. */
import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../../src/core/api.ts';
import type { CheckoutsView, CheckoutView } from '../../src/core/checkout-views.ts';
import type { MatchView } from '../../src/core/views.ts';
import { hungUp } from '../hand-out.ts';
import type { Streams } from './streams.ts';

interface Asked {
  /** Tenants that have not answered by then are among the failures. */
  readonly Body: { readonly waitMs: number };
}

interface Given {
  readonly Params: { readonly name: string; readonly transaction: string };
}

interface Meant {
  readonly Body: { readonly name: string };
}

const waitBody = {
  type: 'object',
  required: ['waitMs'],
  additionalProperties: false,
  properties: { waitMs: { type: 'integer', minimum: 1, maximum: 120_000 } },
} as const;

const nameBody = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { type: 'string' } },
} as const;

/** Longer than that nobody waits for a list of names. */
const matchMs = 10_000;

export function addCheckouts(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.post<Asked>('/v1/checkouts', { schema: { body: waitBody } }, async (request, reply) => {
    const late = AbortSignal.timeout(request.body.waitMs);
    const signal = AbortSignal.any([hungUp(reply), late]);
    const tenants = broker.sessions().filter(({ countsCheckouts }) => countsCheckouts);
    const answers = await Promise.all(tenants.map(({ name }) => checkoutsOf(name)));
    return together(answers);

    async function checkoutsOf(session: string): Promise<Answer> {
      try {
        return await broker.errands.checkouts(session, signal);
      } catch (thrown) {
        if (late.aborted) return { session, code: 'UpstreamUnavailable', message: 'It did not answer in time' };
        const { code, message } = streams.failed(thrown);
        return { session, code, message };
      }
    }
  });

  app.post<Given>('/v1/sessions/:name/checkouts/:transaction/checkin', async (request, reply) => {
    const { name, transaction } = request.params;
    await broker.errands.giveBack(name, transaction, hungUp(reply));
    return reply.code(204).send();
  });

  app.post<Meant>(
    '/v1/matches',
    { schema: { body: nameBody } },
    (request, reply): Promise<MatchView> =>
      broker.errands.match(request.body.name, AbortSignal.any([hungUp(reply), AbortSignal.timeout(matchMs)])),
  );
}

type Answer = readonly CheckoutView[] | CheckoutsView['failures'][number];

const together = (answers: readonly Answer[]): CheckoutsView => ({
  checkouts: answers.flatMap((answer) => ('code' in answer ? [] : answer)),
  failures: answers.filter((answer) => 'code' in answer),
});
