import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire, its body split off and otherwise untouched. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case, as sent otherwise. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Where = { readonly port: number } | { readonly path: string };

/** One connection on which exactly the given bytes are sent. */
export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake = () => {};

  constructor(where: Where) {
    this.#socket = connect('port' in where ? { port: where.port, host: '127.0.0.1' } : where);
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // A reset ends the connection like any other end; the test asserts what had come before it.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  send(bytes: string): this {
    this.#socket.write(Buffer.from(bytes, 'latin1'));
    return this;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves once the server has closed the connection. */
  async closed(): Promise<void> {
    await this.#until(() => this.#isClosed);
  }

  /** The next answer that carries a length. */
  async answer(): Promise<RawAnswer> {
    const head = await this.head();
    const length = Number(head.headers['content-length'] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`The answer has no Content-Length: ${JSON.stringify(head)}`);
    await this.#until(() => this.#received.length >= length);
    return { ...head, body: this.#take(length) };
  }

  /** Status and headers of the next answer; its body stays to be read. */
  async head(): Promise<Omit<RawAnswer, 'body'>> {
    await this.#until(() => this.#received.includes('\r\n\r\n'));
    const [first = '', ...lines] = this.#take(this.#received.indexOf('\r\n\r\n') + 4)
      .trimEnd()
      .split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines)
      headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 2);
    return { status: Number(first.split(' ')[1]), headers };
  }

  /** Everything up to and with this text. */
  async through(text: string): Promise<string> {
    await this.#until(() => this.#received.includes(text));
    return this.#take(this.#received.indexOf(text) + text.length);
  }

  #take(length: number): string {
    const taken = this.#received.subarray(0, length).toString();
    this.#received = this.#received.subarray(length);
    return taken;
  }

  async #until(ready: () => boolean): Promise<void> {
    while (!ready()) {
      if (this.#isClosed) throw new Error(`The connection closed early, after: ${this.#received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Sends these bytes on a connection of their own and returns the one answer. */
export async function exchange(where: Where, bytes: string): Promise<RawAnswer> {
  const connection = new RawConnection(where).send(bytes);
  try {
    return await connection.answer();
  } finally {
    connection.destroy();
  }
}

/** A request without a body: the request line, then these headers, exactly in this order. */
export const requestOf = (line: string, headers: readonly (readonly [string, string])[]): string =>
  `${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
