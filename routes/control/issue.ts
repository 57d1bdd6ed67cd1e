import type { FastifyInstance } from 'fastify';
import type { BrokerApi, Served } from '../../src/core/api.ts';
import type { IssueBody, IssuedView, IssueEvent } from '../../src/core/checkout-views.ts';
import type { EpochMs } from '../../src/core/types.ts';
import type { Wish } from '../../src/core/wish.ts';
import type { Streams } from './streams.ts';

interface Issue {
  readonly Params: { readonly name: string };
  readonly Body: IssueBody;
}

const text = { type: ['string', 'null'], maxLength: 4096 } as const;

const body = {
  type: 'object',
  required: ['as', 'force', 'answers'],
  additionalProperties: false,
  properties: {
    as: { enum: ['credentials', 'payload', 'console'] },
    force: { type: 'boolean' },
    answers: {
      type: 'object',
      required: ['justification', 'ticketType', 'ticketId', 'otp'],
      additionalProperties: false,
      properties: { justification: text, ticketType: text, ticketId: text, otp: text },
    },
  },
} as const;

/** Longer than any approval is waited for. */
const patienceMs = 20 * 60_000;

/** A checkout for a person, who is told what it waits for and ends it by leaving. */
export function addIssue(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.post<Issue>('/v1/profiles/:name/issue', { schema: { body } }, (request, reply) => {
    const { params, body } = request;
    return streams.lines<IssueEvent>(reply, async (write, signal) => {
      const { force, answers } = body;
      const progress: Wish['progress'] = ({ event, detail }) => write({ event: 'progress', name: event, detail });
      const wish = { force, answers, progress };
      write({ event: 'done', ...(await issued(broker, params.name, body.as, { wish, signal })) });
    });
  });
}

async function issued(
  broker: BrokerApi,
  name: string,
  as: IssueBody['as'],
  options: { readonly wish: Wish; readonly signal: AbortSignal },
): Promise<IssuedView> {
  if (as === 'credentials') return viewOf(await broker.get(name, { holdMs: patienceMs, ...options }));
  const { transaction, expiresAt, document } = await broker.errands.issue(name, { as, ...options });
  return { transaction, expiresAt: expiresAt && isoTime(expiresAt), document };
}

const viewOf = ({ transaction, expiresAt, process }: Served): IssuedView => ({
  transaction,
  expiresAt: isoTime(expiresAt),
  document: JSON.parse(new TextDecoder().decode(process)),
});

const isoTime = (at: EpochMs): string => new Date(at).toISOString();
