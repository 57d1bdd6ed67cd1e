/** The gate before the tenant's API: who calls, and do they speak as the API wants? */
import type { Call } from '../call.ts';
import type { ApiToken, ApiTokens } from './api-tokens.ts';
import { refusal, unauthorized } from './errors.ts';
import type { Person, Session, Sessions } from './sessions.ts';
import { type WorkloadParts, workloadOf } from './workload-tokens.ts';

export interface GateParts extends WorkloadParts {
  readonly sessions: Sessions;
  readonly apiTokens: ApiTokens;
}

export type Caller = { readonly person: Person } & (
  | { readonly scheme: 'Bearer'; readonly session: Session }
  | { readonly scheme: 'TOKEN'; readonly apiToken: ApiToken }
  | { readonly scheme: 'WorkloadToken' }
);

/** Refuses everybody while the tenant is down, and everything that is not announced as JSON. */
export function refuseForeign({ knobs }: GateParts, call: Call): void {
  if (knobs.maintenance !== null) throw refusal(503, 'MAINT0001', knobs.maintenance);
  const mediaType = call.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw refusal(415, null, 'Content-Type must be application/json');
}

export function admit(parts: GateParts, call: Call): Caller {
  const [scheme, token = '', ...rest] = (call.headers['authorization'] ?? '').split(' ');
  if (rest.length > 0) throw unauthorized(parts.knobs);
  switch (scheme) {
    case 'Bearer':
      return bearer(parts, token);
    case 'TOKEN': {
      const apiToken = parts.apiTokens.use(token);
      return { scheme, apiToken, person: apiToken.person };
    }
    case 'WorkloadToken':
      return { scheme, person: workloadOf(parts, token, call) };
    default:
      throw unauthorized(parts.knobs);
  }
}

function bearer({ knobs, sessions }: GateParts, token: string): Caller {
  const session = sessions.find(token);
  if (session === null) throw unauthorized(knobs);
  return { scheme: 'Bearer', session, person: session.person };
}
