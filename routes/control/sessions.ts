import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../../src/core/api.ts';
import type { LoginPrompt } from '../../src/core/types.ts';
import type { LoginBody, LoginEvent, LogoutBody } from '../../src/core/views.ts';
import { freshToken } from '../access-token.ts';
import { fixedHeaders } from '../errors.ts';
import type { Streams } from './streams.ts';

interface Named {
  readonly Params: { readonly name: string };
}

const loginBody = {
  type: 'object',
  required: ['flow', 'openBrowser'],
  additionalProperties: false,
  properties: {
    flow: { enum: ['browser', 'device'] },
    openBrowser: { type: 'boolean' },
    token: { type: ['string', 'null'], minLength: 1, default: null },
  },
} as const;

interface TokenBody {
  /** A token with less life left is refreshed first. */
  readonly minLifeMs: number;
}

const tokenBody = {
  type: 'object',
  required: ['minLifeMs'],
  additionalProperties: false,
  properties: { minLifeMs: { type: 'integer', minimum: 0 } },
} as const;

const logoutBody = {
  type: 'object',
  required: ['revoke'],
  additionalProperties: false,
  properties: { revoke: { type: 'boolean' } },
} as const;

export function addSessions(app: FastifyInstance, broker: BrokerApi, streams: Streams): void {
  app.get('/v1/sessions', () => ({ sessions: broker.sessions() }));

  app.post<Named & { Body: LoginBody }>(
    '/v1/sessions/:name/login',
    { schema: { body: loginBody } },
    (request, reply) => {
      const { name } = request.params;
      return streams.lines<LoginEvent>(reply, async (write, signal) => {
        const prompt = (shown: LoginPrompt) => write(promptEvent(shown));
        const { expiresAt } = await broker.login(name, { ...request.body, prompt, signal });
        write({ event: 'done', session: name, expiresAt: expiresAt && new Date(expiresAt).toISOString() });
      });
    },
  );

  app.post<Named & { Body: TokenBody }>(
    '/v1/sessions/:name/token',
    { schema: { body: tokenBody } },
    async ({ params, body }, reply) => {
      const document = await freshToken(broker, params.name, { minLifeMs: body.minLifeMs, reply });
      return reply.headers(fixedHeaders).send(document);
    },
  );

  app.post<Named & { Body: LogoutBody }>(
    '/v1/sessions/:name/logout',
    { schema: { body: logoutBody } },
    async (request) => ({ upstreamTold: await broker.logout(request.params.name, request.body) }),
  );
}

const promptEvent = (prompt: LoginPrompt): LoginEvent =>
  prompt.kind === 'browser'
    ? { event: 'prompt', ...prompt }
    : { event: 'prompt', ...prompt, expiresAt: new Date(prompt.expiresAt).toISOString() };
