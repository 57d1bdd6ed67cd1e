import type { FastifyInstance } from 'fastify';
import type { BrokerApi, Served } from '../src/core/api.ts';
import { handOut } from './hand-out.ts';
import type { Limits } from './limits.ts';

/** The `credential_process` document. Whoever runs such a process has one attempt and a minute's patience. */
export function addProcess(app: FastifyInstance, broker: BrokerApi, limits: Limits): void {
  const hold = () => broker.settings().refresh.hold.credentialProcessMs;
  app.get('/process/:profile', handOut({ broker, limits, document: () => processOf, hold }));
}

const processOf = ({ process }: Served): Uint8Array => process;
