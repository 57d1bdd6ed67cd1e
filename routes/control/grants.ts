import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../../src/core/api.ts';
import { BrokerError } from '../../src/core/errors.ts';
import type { Grants } from '../../src/core/grants.ts';
import type { GrantBody } from '../../src/core/views.ts';

const profileNames = { type: 'array', minItems: 1, maxItems: 256, items: { type: 'string', minLength: 1 } } as const;

const grantBody = {
  type: 'object',
  required: ['label', 'kind', 'profiles', 'lifetimeMs'],
  additionalProperties: false,
  properties: {
    label: { type: 'string', minLength: 1, maxLength: 128 },
    kind: { enum: ['install', 'session', 'container'] },
    profiles: { anyOf: [profileNames, { const: '*' }] },
    lifetimeMs: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
  },
} as const;

export function addGrants(app: FastifyInstance, broker: BrokerApi, grants: Grants): void {
  app.get('/v1/grants', () => ({ grants: grants.list() }));

  app.post<{ Body: GrantBody }>('/v1/grants', { schema: { body: grantBody } }, (request, reply) => {
    refuseUnknown(broker, request.body.profiles);
    return reply.code(201).send(grants.issue(request.body));
  });

  app.delete<{ Params: { readonly id: string } }>('/v1/grants/:id', (request, reply) => {
    grants.revoke(request.params.id);
    return reply.code(204).send();
  });
}

/** A misspelt name would only show when a program fails with the grant. */
function refuseUnknown(broker: BrokerApi, names: GrantBody['profiles']): void {
  const { profiles } = broker.settings();
  const unknown = names === '*' ? undefined : names.find((name) => !profiles.has(name));
  if (unknown === undefined) return;
  throw new BrokerError('ProfileNotFound', `No profile "${unknown}". Run: credbroker profiles`);
}
