/**
 * What is counted: failed authentication by address, upstream fetches by grant. Never a warm answer, and never a 429:
 * several SDKs sleep on it. A valid grant works however often somebody else failed.
 */
import { fastifyRateLimit } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BrokerError } from '../src/core/errors.ts';
import { grantOf } from './visit.ts';

export interface Limits {
  /** Counts a refusal; true once there were so many that they only get the shortest answer. */
  readonly stranger: (request: FastifyRequest) => Promise<boolean>;
  /** Counts a request that has to wait; throws once there were too many. */
  readonly upstream: (request: FastifyRequest) => Promise<void>;
}

const timeWindow = 60_000;
/** One client that retries sends 5 to 21 in a minute. */
const maxStrangers = 60;
/** A thousand cold profiles at once are legitimate, and the broker queues them. */
const maxUpstream = 1200;

export async function addLimits(app: FastifyInstance): Promise<Limits> {
  await app.register(fastifyRateLimit, { global: false });
  const strangers = app.createRateLimit({ max: maxStrangers, timeWindow });
  const upstream = app.createRateLimit({
    max: maxUpstream,
    timeWindow,
    keyGenerator: (request) => grantOf(request).id,
  });
  return {
    stranger: async (request) => {
      const count = await strangers(request);
      return !count.isAllowed && count.isExceeded;
    },
    upstream: async (request) => {
      const count = await upstream(request);
      if (count.isAllowed || !count.isExceeded) return;
      throw new BrokerError('Overloaded', 'This grant asked for too much at once; try again in a minute');
    },
  };
}
