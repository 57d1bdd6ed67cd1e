import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken, BrokerApi } from '../src/core/api.ts';
import { BrokerError } from '../src/core/errors.ts';
import type { TokenDocument } from '../src/core/token-views.ts';
import { wireTime } from '../src/core/wire-time.ts';
import { clip, fixedHeaders } from './errors.ts';
import { hungUp } from './hand-out.ts';
import { grantOf } from './visit.ts';

/** Whole seconds: a token with less life left is refreshed first. A header, because no path has a query here. */
const minLifeHeader = 'x-credbroker-min-life';
/** As early as a tool refreshes that keeps tokens itself. */
const defaultMinLifeMs = 5 * 60_000;

interface Asks {
  readonly Params: { readonly session: string };
}

/**
 * An OAuth session's access token, for tools that send one to an API themselves. It opens what its issuer made it for,
 * which no list of profiles describes: only a grant for everything gets it.
 */
export function addAccessToken(app: FastifyInstance, broker: BrokerApi): void {
  app.get<Asks>('/token/:session', async (request, reply) => {
    const { session } = request.params;
    request.visit = { ...request.visit, profile: `token/${session}`, source: 'cold' };
    refuseScoped(request, session);
    const document = await freshToken(broker, session, { minLifeMs: minLifeOf(request), reply });
    reply.headers(fixedHeaders);
    return Buffer.from(JSON.stringify(document));
  });
}

interface Wanted {
  readonly minLifeMs: number;
  readonly reply: FastifyReply;
}

/** Waits as long as a tool's helper can. */
export async function freshToken(
  broker: BrokerApi,
  session: string,
  { minLifeMs, reply }: Wanted,
): Promise<TokenDocument> {
  const holdMs = broker.settings().refresh.hold.credentialProcessMs;
  return documentOf(await broker.token(session, { minLifeMs, holdMs, signal: hungUp(reply) }));
}

/** Before the session is looked up, so that a scoped grant cannot tell which exist. */
function refuseScoped(request: FastifyRequest, session: string): void {
  if (grantOf(request).profiles === '*') return;
  const name = clip(session, 32);
  throw new BrokerError(
    'Forbidden',
    `This grant opens no token of "${name}". Run: credbroker grant add --all-profiles`,
  );
}

function minLifeOf({ headers }: FastifyRequest): number {
  const asked = headers[minLifeHeader];
  if (asked === undefined) return defaultMinLifeMs;
  if (typeof asked === 'string' && /^\d{1,6}$/.test(asked)) return Number(asked) * 1000;
  throw new BrokerError('BadRequest', `"${minLifeHeader}" takes whole seconds, such as 300`);
}

const documentOf = ({ accessToken, expiresAt }: AccessToken): TokenDocument => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_at: expiresAt === null ? null : wireTime(expiresAt),
});
