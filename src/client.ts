/**
 * The daemon as the commands see it: JSON over its unix socket (a named pipe on Windows).
 *
 * The shapes are trusted: behind a socket that only this user can reach stands the same program.
 * Only named imports of `node:http`: a bundled namespace import would load TLS and undici at start-up.
 */
import { type IncomingMessage, request } from 'node:http';
import { BrokerError, isErrorCode } from './core/errors.ts';
import type { ExplainView } from './core/explain-view.ts';
import type {
  GrantBody,
  GrantView,
  IssuedGrant,
  LoginBody,
  LoginEvent,
  ProfileView,
  StatusView,
  SyncEvent,
} from './core/views.ts';

type DocumentFormat = 'process' | 'container';
export type CredentialDocument = Readonly<Record<string, unknown>>;

/** Every call rejects with a `BrokerError`, or with the reason of the client's signal once that is aborted. */
export interface BrokerClient {
  readonly status: () => Promise<StatusView>;
  readonly login: (session: string, body: LoginBody) => AsyncIterable<LoginEvent>;
  /** Resolves with whether upstream could be told. */
  readonly logout: (session: string) => Promise<boolean>;
  readonly profiles: () => Promise<readonly ProfileView[]>;
  readonly explain: (profile: string) => Promise<ExplainView>;
  /** Null asks every session. */
  readonly sync: (session: string | null) => AsyncIterable<SyncEvent>;
  readonly checkout: (profile: string, format: DocumentFormat) => Promise<CredentialDocument>;
  /** Has the daemon ask for new credentials, whatever it holds. */
  readonly refresh: (profile: string) => Promise<void>;
  /** Resolves once what was checked out has been given back. */
  readonly checkin: (profile: string) => Promise<void>;
  readonly grants: () => Promise<readonly GrantView[]>;
  readonly issueGrant: (body: GrantBody) => Promise<IssuedGrant>;
  readonly revokeGrant: (id: string) => Promise<void>;
  readonly reload: () => Promise<readonly string[]>;
  /** Resolves once subscribed; then yields after every change that `status` would show. */
  readonly events: () => Promise<AsyncIterable<void>>;
  readonly shutdown: () => Promise<void>;
}

export function openClient(socket: string, signal: AbortSignal): BrokerClient {
  const wire = new Wire(socket, signal);
  const named = (collection: string, name: string, action: string) =>
    `/v1/${collection}/${encodeURIComponent(name)}${action}`;
  return {
    status: () => wire.json<StatusView>('GET', '/v1/status'),
    login: (session, body) => wire.lines<LoginEvent>(named('sessions', session, '/login'), body),
    logout: async (session) =>
      (await wire.json<{ upstreamTold: boolean }>('POST', named('sessions', session, '/logout'))).upstreamTold,
    profiles: async () => (await wire.json<{ profiles: ProfileView[] }>('GET', '/v1/profiles')).profiles,
    explain: (profile) => wire.json<ExplainView>('GET', named('profiles', profile, '/explain')),
    sync: (session) => wire.lines<SyncEvent>('/v1/profiles/sync', { session }),
    checkout: (profile, format) => wire.json('POST', named('profiles', profile, '/checkout'), { format }),
    refresh: (profile) => wire.done('POST', named('profiles', profile, '/refresh')),
    checkin: (profile) => wire.done('POST', named('profiles', profile, '/checkin')),
    grants: async () => (await wire.json<{ grants: GrantView[] }>('GET', '/v1/grants')).grants,
    issueGrant: (body) => wire.json<IssuedGrant>('POST', '/v1/grants', body),
    revokeGrant: (id) => wire.done('DELETE', named('grants', id, '')),
    reload: async () => (await wire.json<{ problems: string[] }>('POST', '/v1/reload')).problems,
    events: () => wire.changes('/v1/events'),
    shutdown: () => wire.done('POST', '/v1/shutdown'),
  };
}

type Method = 'GET' | 'POST' | 'DELETE';

class Wire {
  readonly #socket: string;
  readonly #signal: AbortSignal;

  constructor(socket: string, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  async json<T>(method: Method, path: string, body?: unknown): Promise<T> {
    return parse<T>(await this.#text(await this.#open(method, path, body)));
  }

  async done(method: Method, path: string): Promise<void> {
    await this.#text(await this.#open(method, path));
  }

  /** One JSON value per line, as they come. */
  async *lines<T>(path: string, body: unknown): AsyncIterable<T> {
    for await (const line of this.#lines(await this.#open('POST', path, body))) {
      if (line !== '') yield parse<T>(line);
    }
  }

  async changes(path: string): Promise<AsyncIterable<void>> {
    return dataEvents(this.#lines(await this.#open('GET', path)));
  }

  async #open(method: Method, path: string, body?: unknown): Promise<IncomingMessage> {
    const payload = body === undefined ? null : JSON.stringify(body);
    const headers = payload === null ? {} : { 'content-type': 'application/json' };
    const where = { socketPath: this.#socket, method, path, headers, agent: false, signal: this.#signal } as const;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(where, resolve).on('error', reject).end(payload);
    }).catch((cause: unknown) => this.#fail(cause));
    if (answer.statusCode === undefined || answer.statusCode >= 400) throw refusalOf(parse(await this.#text(answer)));
    return answer;
  }

  async #text(answer: IncomingMessage): Promise<string> {
    let text = '';
    answer.setEncoding('utf8');
    try {
      for await (const chunk of answer) text += chunk;
    } catch (cause) {
      this.#fail(cause);
    }
    return text;
  }

  async *#lines(answer: IncomingMessage): AsyncGenerator<string> {
    let rest = '';
    answer.setEncoding('utf8');
    try {
      for await (const chunk of answer) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (cause) {
      this.#fail(cause);
    }
    if (rest !== '') yield rest;
  }

  #fail(cause: unknown): never {
    this.#signal.throwIfAborted();
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      throw new BrokerError('DaemonUnreachable', 'The daemon is not running. Run: credbroker start', { cause });
    }
    if (code === 'EACCES') {
      throw new BrokerError('DaemonUnreachable', `The socket "${this.#socket}" belongs to somebody else`, { cause });
    }
    throw new BrokerError('DaemonUnreachable', 'The daemon hung up. Run: credbroker start', { cause });
  }
}

/** Server-sent events; comments keep the connection alive and mean nothing. */
async function* dataEvents(lines: AsyncIterable<string>): AsyncIterable<void> {
  for await (const line of lines) {
    if (line.startsWith('data:')) yield;
  }
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BrokerError('InternalError', 'The daemon sent no JSON. Run: credbroker restart', { cause });
  }
}

/** What an error answer says, or the last line of a stream that failed. */
export function refusalOf({ code, message }: { readonly code?: unknown; readonly message?: unknown }): BrokerError {
  return new BrokerError(
    isErrorCode(code) ? code : 'InternalError',
    typeof message === 'string' ? message : 'The daemon gave no reason',
  );
}
