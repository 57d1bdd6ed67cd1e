import type { FastifyInstance } from 'fastify';
import type { BrokerApi } from '../src/core/api.ts';
import { covers, type Grant } from '../src/core/grants.ts';
import type { SessionView } from '../src/core/views.ts';
import { fixedHeaders, fourKeys } from './errors.ts';

const alive = Buffer.from('{"status":"ok"}');
const needsPerson: ReadonlySet<SessionView['state']> = new Set(['signed-out', 'login-required', 'login-pending']);
const notReady = fourKeys('LoginRequired', 'No session is signed in. Run: credbroker login');

/** `/healthz` names nothing. `/readyz` says whether any session could serve, and to a grant which. */
export function addHealth(app: FastifyInstance, broker: BrokerApi): void {
  app.get('/healthz', { config: { grant: 'optional' } }, (_request, reply) => {
    reply.headers(fixedHeaders).send(alive);
  });
  app.get('/readyz', { config: { grant: 'optional' } }, (request, reply) => {
    const { grant } = request.visit;
    const sessions = broker.sessions();
    const ready = sessions.length === 0 || sessions.some(({ state }) => !needsPerson.has(state));
    const verdict = ready ? { status: 'ready' } : { status: 'not-ready', ...notReady };
    const detail = grant === null ? {} : detailFor(grant, broker);
    const body = Buffer.from(JSON.stringify({ ...verdict, ...detail }));
    reply
      .code(ready ? 200 : 503)
      .headers(fixedHeaders)
      .send(body);
  });
}

/** Only what the grant's scope reaches. */
function detailFor(grant: Grant, broker: BrokerApi): object {
  const profiles = broker.profiles().filter(({ name }) => covers(grant, name));
  const reached = new Set(profiles.map(({ session }) => session));
  const sessions = broker.sessions().filter(({ name }) => reached.has(name));
  const stateOf = ({ name, state }: { readonly name: string; readonly state: string }) => ({ name, state });
  return { sessions: sessions.map(stateOf), profiles: profiles.map(stateOf) };
}
