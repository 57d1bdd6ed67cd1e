import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../src/core/errors.ts';
import type { Grant } from '../src/core/grants.ts';

/** What is known about one request, for its handler and its line in the log. */
export interface Visit {
  /** Null until the guard let it in. */
  readonly grant: Grant | null;
  /** Empty until a profile is asked for. */
  readonly profile: string;
  /** `warm` took nothing but memory; `cold` waited for the broker. */
  readonly source: 'warm' | 'cold' | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** False for a stranger who knocks too often. */
  readonly logged: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit;
  }
  interface FastifyContextConfig {
    /** A route without it answers nobody who has no grant. */
    grant?: 'optional';
  }
}

export const stranger: Visit = { grant: null, profile: '', source: null, refusal: null, logged: true };

/** The grant of a request; throws should a route ever be reached around the guard. */
export function grantOf({ visit: { grant } }: FastifyRequest): Grant {
  if (grant === null) throw new BrokerError('Unauthorized', 'This needs a grant. Run: credbroker env');
  return grant;
}
