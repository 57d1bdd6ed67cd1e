import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BrokerApi, Served } from '../src/core/api.ts';
import { handOut } from './hand-out.ts';
import { holdHeader, holdOf } from './holds.ts';
import type { Limits } from './limits.ts';

/** The container credentials document, for `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
export function addCredentials(app: FastifyInstance, broker: BrokerApi, limits: Limits): void {
  const hold = ({ headers }: FastifyRequest) => {
    const asked = headers[holdHeader];
    const caller = { userAgent: headers['user-agent'], asked: typeof asked === 'string' ? asked : undefined };
    return holdOf(caller, broker.settings().refresh.hold);
  };
  app.get('/credentials/:profile', handOut({ broker, limits, document: () => containerOf, hold }));
}

const containerOf = ({ container }: Served): Uint8Array => container;
