/**
 * Requests over the daemon's unix socket (a named pipe on Windows), and what their answers say.
 *
 * The shapes are trusted: behind a socket that only this user can reach stands the same program.
 * Only named imports of `node:http`: a bundled namespace import would load TLS and undici at start-up.
 */
import { type IncomingMessage, request } from 'node:http';
import { BrokerError, isErrorCode } from './core/errors.ts';

type Method = 'GET' | 'POST' | 'DELETE';

export class ControlWire {
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
