import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { CheckoutsView, IssueEvent } from '../../src/core/checkout-views.ts';
import type { ExplainView } from '../../src/core/explain-view.ts';
import type { GrantView, IssuedGrant, ProfileView, SessionView, StatusView } from '../../src/core/views.ts';

/** What a route answers: JSON with a status once `after` is over, or lines that stay open until `end` where that is given. */
export type FakeAnswer =
  | { readonly status: number; readonly body: unknown; readonly after?: Promise<void> }
  | { readonly lines: readonly unknown[]; readonly end?: Promise<void> }
  | { readonly raw: string };

/** Where `credbroker login` asks for a sign-in to this session. */
export const loginRouteOf = (session: string): string => sessionRouteOf(session, 'login');

/** As a client names it once it has encoded the session's name. */
export const sessionRouteOf = (session: string, action: string): string => `POST ${sessionPathOf(session, action)}`;

export const sessionPathOf = (session: string, action: string): string => `/v1/sessions/${session}/${action}`;

export interface FakeCall {
  /** Such as `POST /v1/reload`, as sent. */
  readonly route: string;
  readonly body: unknown;
}

export const session = (name: string, changes: Partial<SessionView> = {}): SessionView => ({
  name,
  provider: 'aws-sso',
  startUrl: 'https://example.awsapps.com/start',
  countsCheckouts: changes.provider === 'britive',
  state: 'active',
  expiresAt: '2026-11-21T17:23:30Z',
  refreshable: true,
  nextRefreshAt: null,
  next: 'Refreshes by itself',
  lastError: null,
  upstream: { state: 'closed', failures: 0, retryInMs: 0 },
  window: { heldBack: null, until: null, lookedAt: null },
  ...changes,
});

export const profile = (name: string, changes: Partial<ProfileView> = {}): ProfileView => ({
  name,
  session: 'work',
  accountId: '111122223333',
  roleName: 'Developer',
  path: null,
  kind: 'aws',
  region: 'eu-west-1',
  state: 'fresh',
  asked: true,
  implied: false,
  expiresAt: '2026-11-21T12:58:00Z',
  renewsAt: null,
  transaction: null,
  lastError: null,
  lastErrorCode: null,
  ...changes,
});

/** Fresh, and never a failure. */
export const explanation = (name: string, changes: Partial<ExplainView> = {}): ExplainView => ({
  version: 1,
  profile: name,
  state: 'fresh',
  asked: true,
  held: {
    generation: 3,
    issuedAt: '2026-11-21T11:58:00Z',
    expiresAt: '2026-11-21T12:58:00Z',
    renewsAt: '2026-11-21T12:39:00Z',
    shortAt: '2026-11-21T12:53:00Z',
    spentAt: '2026-11-21T12:57:00Z',
    lead: { ms: 1_140_000, minMs: 1_020_000, maxMs: 1_200_000, draw: 2 / 3 },
  },
  caller: { answer: 'served' },
  next: { what: 'renewal', at: '2026-11-21T12:39:00Z' },
  gate: null,
  last: { at: '2026-11-21T11:58:00Z', what: 'credentials', verdict: 'ok', detail: null },
  lastError: null,
  lastErrorCode: null,
  credit: 'left',
  session: { ...session('work', { nextRefreshAt: '2026-11-21T12:29:30Z' }), last: null, retryAt: null },
  ...changes,
});

export const processDocument = {
  Version: 1,
  AccessKeyId: 'ASIAEXAMPLEEXAMPLE12',
  SecretAccessKey: 'secret/with+signs',
  SessionToken: 'token',
  Expiration: '2026-11-21T13:00:00Z',
};

/** The last line of a checkout for a person. */
export const issued = {
  event: 'done',
  transaction: null,
  expiresAt: processDocument.Expiration,
  document: processDocument,
} as const satisfies IssueEvent;

/** A real HTTP server on the control socket that plays the daemon and remembers what it was asked. */
export class FakeDaemon {
  readonly calls: FakeCall[] = [];
  readonly grants: GrantView[] = [];
  status: StatusView = {
    version: 1,
    daemon: {
      pid: process.pid,
      version: '0.1.0',
      startedAt: '2026-11-21T08:00:00Z',
      url: 'http://127.0.0.1:9911',
      clockOffsetMs: 0,
    },
    storage: 'keychain',
    sessions: [session('work')],
    profiles: [profile('dev')],
    refusals: [],
    problems: [],
  };
  /** What is checked out of them. */
  tenants: CheckoutsView = { checkouts: [], failures: [] };
  /** Called on shutdown; by default nothing happens. */
  onShutdown: () => void = () => {};
  /** Called as each call arrives. */
  onCall: () => void = () => {};
  readonly #answers = new Map<string, FakeAnswer>();
  readonly #server: Server;
  readonly #subscribers = new Set<ServerResponse>();
  #issued = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(socket: string): Promise<FakeDaemon> {
    mkdirSync(dirname(socket), { recursive: true });
    const server = createServer();
    const daemon = new FakeDaemon(server);
    server.on('request', (request, response) => void daemon.#serve(request, response));
    await once(server.listen(socket), 'listening');
    return daemon;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** From now on this route, or every route of this method, answers so. */
  answer(route: string, answer: FakeAnswer): void {
    this.#answers.set(route, answer);
  }

  routes(): readonly string[] {
    return this.calls.map(({ route }) => route);
  }

  /** Tells everyone who listens to the events. */
  change(): void {
    for (const subscriber of this.#subscribers) subscriber.write('event: changed\ndata: {}\n\n');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const route = `${request.method} ${request.url}`;
    const call = { route, body: text === '' ? null : JSON.parse(text) };
    this.calls.push(call);
    this.onCall();
    if (route === 'GET /v1/events') {
      this.#subscribers.add(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.write(': subscribed\n\n');
    } else {
      await send(response, this.#answers.get(route) ?? this.#answers.get(request.method ?? '') ?? this.#usual(call));
      if (route === 'POST /v1/shutdown') this.onShutdown();
    }
  }

  #usual({ route, body }: FakeCall): FakeAnswer {
    if (route === 'GET /v1/status') return { status: 200, body: this.status };
    if (route === 'GET /v1/profiles') return { status: 200, body: { profiles: this.status.profiles } };
    if (route === 'POST /v1/matches') return { status: 200, body: { exact: false, candidates: [] } };
    if (route === 'POST /v1/checkouts') return { status: 200, body: this.tenants };
    if (route === 'GET /v1/grants') return { status: 200, body: { grants: this.grants } };
    if (route === 'POST /v1/grants') return { status: 201, body: this.#issue(body as IssuedGrant) };
    if (route.endsWith('/checkout')) return { status: 200, body: processDocument };
    if (route.endsWith('/issue')) return { lines: [issued] };
    if (route.endsWith('/logout')) return { status: 200, body: { upstreamTold: true } };
    if (route.endsWith('/refresh')) return { status: 200, body: { expiresAt: processDocument.Expiration } };
    if (/^POST \/v1\/profiles\/.*\/checkin$/.test(route)) return { status: 200, body: { givenBack: true } };
    if (/^DELETE |\/(shutdown|checkin)$/.test(route)) return { status: 204, body: null };
    return { status: 404, body: { code: 'NotFound', message: `The fake daemon knows no "${route}"` } };
  }

  #issue({ label, kind, profiles }: IssuedGrant): IssuedGrant {
    this.#issued += 1;
    const token = `cb_${createHash('sha256').update(String(this.#issued)).digest('base64url')}`;
    const id = createHash('sha256').update(token).digest('hex').slice(0, 16);
    const view = { id, label, kind, profiles, createdAt: '2026-11-21T12:00:00Z', expiresAt: null, lastUsedAt: null };
    this.grants.push(view);
    return { ...view, token };
  }
}

async function send(response: ServerResponse, answer: FakeAnswer): Promise<void> {
  if ('raw' in answer) {
    response.end(answer.raw);
  } else if ('lines' in answer) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const line of answer.lines) response.write(`${JSON.stringify(line)}\n`);
    await answer.end;
    response.end();
  } else {
    await answer.after;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body === null ? undefined : JSON.stringify(answer.body));
  }
}
