/** Answers that go on: one JSON value per line, or server-sent events. A client that hangs up is told to the work behind. */
import type { FastifyReply } from 'fastify';
import type { Log } from '../../src/core/ports.ts';
import { CallerLeft, controlRefusal, fixedHeaders } from '../errors.ts';
import { noteBug } from '../refuse.ts';

type Write<T> = (value: T) => void;
type Work<T> = (write: Write<T>, left: AbortSignal) => Promise<void>;

const encoder = new TextEncoder();

export class Streams {
  readonly #log: Log;
  readonly #open = new Set<AbortController>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Sends what `work` writes; should it fail, the last line is `{event:"failed", code, message}`. */
  lines<T extends { readonly event: string }>(reply: FastifyReply, work: Work<T>): FastifyReply {
    const stream = this.#stream(async (write, left) => {
      const line = (value: object) => write(`${JSON.stringify(value)}\n`);
      await work(line, left).catch((thrown: unknown) => line(this.failed(thrown)));
    });
    return reply.headers({ ...fixedHeaders, 'content-type': 'application/x-ndjson' }).send(stream);
  }

  /** Sends an event of this name whenever `subscribe` calls back. */
  events(reply: FastifyReply, name: string, subscribe: (notify: () => void) => () => void): FastifyReply {
    const stream = this.#stream(async (write, left) => {
      write(': subscribed\n\n');
      const stop = subscribe(() => write(`event: ${name}\ndata: {}\n\n`));
      await new Promise((resolve) => left.addEventListener('abort', resolve, { once: true }));
      stop();
    });
    return reply.headers({ ...fixedHeaders, 'content-type': 'text/event-stream' }).send(stream);
  }

  failed(thrown: unknown): { readonly event: 'failed'; readonly code: string; readonly message: string } {
    const refusal = controlRefusal(thrown);
    noteBug(this.#log, refusal, thrown);
    return { event: 'failed', code: refusal.code, message: refusal.message };
  }

  /** Ends all of them; the server could not close otherwise. */
  close(): void {
    for (const one of this.#open) one.abort(new CallerLeft());
  }

  #stream(work: Work<string>): ReadableStream<Uint8Array> {
    const left = new AbortController();
    this.#open.add(left);
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const write = (text: string) => {
          if (!left.signal.aborted) controller.enqueue(encoder.encode(text));
        };
        const end = () => {
          this.#open.delete(left);
          controller.close();
        };
        // Not returned: the stream would not start before the work had ended. A cancelled stream refuses to be closed.
        work(write, left.signal)
          .then(end)
          .catch(() => {});
      },
      cancel: () => {
        this.#open.delete(left);
        left.abort(new CallerLeft());
      },
    });
  }
}
