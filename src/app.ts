/**
 * The two HTTP planes, wired and not listening. Data plane: TCP on loopback, credentials only, a grant for everything but
 * health. Control plane: the unix socket in a directory that only this user can enter, which is its authentication.
 */
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { formatDiagnostic } from '../config/diagnostics.ts';
import { addAccessToken } from '../routes/access-token.ts';
import { refuseBroken, refuseDetours } from '../routes/below.ts';
import { addCheckouts } from '../routes/control/checkouts.ts';
import { addClusters } from '../routes/control/clusters.ts';
import { addDaemon, addEvents, type DaemonCommands } from '../routes/control/daemon.ts';
import { addGrants } from '../routes/control/grants.ts';
import { addIssue } from '../routes/control/issue.ts';
import { addProfiles } from '../routes/control/profiles.ts';
import { addSessions } from '../routes/control/sessions.ts';
import { addStatus } from '../routes/control/status.ts';
import { Streams } from '../routes/control/streams.ts';
import { addCredentials } from '../routes/credentials.ts';
import { addEks } from '../routes/eks.ts';
import { admit, refuseForeign } from '../routes/guard.ts';
import { addHealth } from '../routes/health.ts';
import { controlJournal, dataJournal, type Journal } from '../routes/journal.ts';
import { addLimits } from '../routes/limits.ts';
import { addProcess } from '../routes/process.ts';
import { type Refuse, refuseControl, refuseData } from '../routes/refuse.ts';
import { stranger } from '../routes/visit.ts';
import type { BrokerApi } from './core/api.ts';
import type { ClustersApi } from './core/clusters.ts';
import { BrokerError } from './core/errors.ts';
import type { Grants } from './core/grants.ts';
import type { HandOuts } from './core/hand-outs.ts';
import type { Log } from './core/ports.ts';
import type { Refusals } from './core/refusals.ts';
import type { StatusView } from './core/views.ts';

interface PlaneOptions {
  readonly broker: BrokerApi;
  readonly clusters: ClustersApi;
  readonly grants: Grants;
  readonly refusals: Refusals;
  readonly log: Log;
}

export interface DataPlaneOptions extends PlaneOptions {
  readonly handOuts: HandOuts;
}

export interface ControlPlaneOptions extends PlaneOptions, DaemonCommands {
  /** Asked for each status, because the port is known only once the data plane listens. */
  readonly daemon: () => StatusView['daemon'];
  /** Where tokens are kept, in words for the status. */
  readonly storage: () => string;
}

/**
 * Slow, endless and countless requests end here. Node swaps the first two should they stand the other way round. They limit how
 * long a request may take to arrive; its answer may take as long as its hold.
 */
const server = {
  http: {
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    // Node's own 400 has no body; the guard's has.
    requireHostHeader: false,
  },
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  // No maxRequestsPerSocket: beyond it Node answers clients that go on with a 503 of its own, whatever we hold.
  bodyLimit: 64 * 1024,
  exposeHeadRoutes: false,
  // Fastify's 503 while it closes has not our shape. A late request is answered like any other and its connection closed.
  return503OnClosing: false,
  // No name is too long for a 414; the headers' limit comes first.
  routerOptions: { maxParamLength: 16 * 1024 },
  // Bodies are taken as they are or not at all.
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
} as const;

export async function buildDataPlane(options: DataPlaneOptions): Promise<FastifyInstance> {
  const { broker, clusters, grants, log } = options;
  const gate = (request: FastifyRequest) => {
    request.visit = stranger;
    request.visit = { ...stranger, grant: admit(request, grants) };
  };
  const record = dataJournal(options);
  const nowhere = 'There is nothing at this path. Use /credentials/<profile>';
  // The limits hang on the app, the refusals on the limits: this one is complete before the first request.
  const app = open({ gate, record, refuse: (...refused) => refuse(...refused), nowhere, log });
  app.server.maxConnections = 1024;
  app.removeAllContentTypeParsers();
  const limits = await addLimits(app);
  const refuse = refuseData(log, limits);
  addHealth(app, broker);
  addCredentials(app, broker, limits);
  addProcess(app, broker, limits);
  addEks(app, { broker, clusters, limits });
  addAccessToken(app, broker);
  return app;
}

export function buildControlPlane(options: ControlPlaneOptions): FastifyInstance {
  const { broker, clusters, grants, refusals, log, daemon, storage } = options;
  const gate = (request: FastifyRequest) => refuseForeign(request, ['GET', 'POST', 'DELETE']);
  const nowhere = 'This daemon does not know the request; the command may be newer. Run: credbroker restart';
  const app = open({ gate, record: controlJournal(log), refuse: refuseControl(log), nowhere, log });
  app.server.maxConnections = 256;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  const streams = new Streams(log);
  app.addHook('preClose', (done) => {
    streams.close();
    done();
  });
  addStatus(app, broker, {
    daemon,
    storage,
    refusals: () => refusals.list(),
    problems: () => broker.settings().diagnostics.map(formatDiagnostic),
  });
  addSessions(app, broker, streams);
  addProfiles(app, broker, streams);
  addCheckouts(app, broker, streams);
  addIssue(app, broker, streams);
  addClusters(app, broker, clusters);
  addGrants(app, broker, grants);
  addEvents(app, broker, streams);
  addDaemon(app, options);
  return app;
}

interface Plane {
  /** Throws for a request that may not come in. */
  readonly gate: (request: FastifyRequest) => void;
  readonly record: Journal;
  readonly refuse: Refuse;
  /** What to say about a path that leads nowhere. */
  readonly nowhere: string;
  readonly log: Log;
}

/** A server on which every request passes the gate, whatever becomes of it afterwards. */
function open({ gate, record, refuse, nowhere, log }: Plane): FastifyInstance {
  const app = fastify({
    ...server,
    clientErrorHandler: refuseBroken(log),
    // No hook runs for a path that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      reply.raw.once('finish', () => record(request, reply));
      return refuse(refusalOf(gate, request) ?? error, request, reply);
    },
  });
  // On Node 20 a limit here drops the headers beyond it in silence; the guard counts them instead.
  app.server.maxHeadersCount = 0;
  refuseDetours(app.server, log);
  app.decorateRequest('visit');
  app.addHook('onRequest', (request, _reply, done) => {
    gate(request);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    record(request, reply);
    done();
  });
  app.addHook('preClose', (done) => {
    // A connection whose answer ends during the close would otherwise be kept for a request that cannot come.
    app.server.keepAliveTimeout = 1;
    done();
  });
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(() => {
    throw new BrokerError('NotFound', nowhere);
  });
  return app;
}

function refusalOf(gate: Plane['gate'], request: FastifyRequest): unknown {
  try {
    gate(request);
    return null;
  } catch (thrown) {
    return thrown;
  }
}
