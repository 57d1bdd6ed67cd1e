/** One line for each refusal and each cold hand-out, once the answer has gone out; warm ones are counted. Never a token, a key or a raw URL. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Grants } from '../src/core/grants.ts';
import type { HandOuts } from '../src/core/hand-outs.ts';
import type { Log } from '../src/core/ports.ts';
import type { Refusals } from '../src/core/refusals.ts';
import { clip } from './errors.ts';

export type Journal = (request: FastifyRequest, reply: FastifyReply) => void;

export interface DataJournalOptions {
  readonly grants: Grants;
  readonly handOuts: HandOuts;
  readonly refusals: Refusals;
  readonly log: Log;
}

/** The data plane's. Also notes what the grant was used for, which must not cost the answer any time. */
export const dataJournal =
  ({ grants, handOuts, refusals, log }: DataJournalOptions): Journal =>
  ({ visit }, reply) => {
    const { grant, source, refusal } = visit;
    const profile = clip(visit.profile, 64);
    const fields = { profile, grant: grant?.id ?? null, status: reply.statusCode, source };
    if (refusal !== null && visit.logged) log.warn({ ...fields, code: refusal.code }, 'refused');
    if (refusal === null && source === 'cold') log.info(fields, 'handed out');
    if (grant === null) return;
    grants.touch(grant.id);
    if (refusal === null && source === 'warm') handOuts.note(grant.id, profile);
    if (refusal !== null) refusals.note(grant, profile, refusal.message);
    else if (source !== null) refusals.clear(grant, profile);
  };

/** The control plane's: what changed something or was refused. Looking leaves no line. */
export const controlJournal =
  (log: Log): Journal =>
  ({ method, routeOptions, params }, reply) => {
    const route = routeOptions.url ?? null;
    const names = route === null ? [] : Object.values(params ?? {}).map((name) => clip(String(name), 64));
    const fields = { method, route, names, status: reply.statusCode };
    if (reply.statusCode >= 400) log.warn(fields, 'refused');
    else if (method !== 'GET') log.info(fields, 'done');
  };
