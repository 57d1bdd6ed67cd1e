/** Answers to what never becomes a request of the framework: broken HTTP, `Expect`, `Upgrade`, `CONNECT`. */
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Log } from '../src/core/ports.ts';
import { dataBody, fixedHeaders, type Refusal, Refused } from './errors.ts';

type ClientErrorHandler = NonNullable<FastifyServerOptions['clientErrorHandler']>;

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

const refusal = (status: number, message: string): Refusal => new Refused(status, message).refusal;

/** Broken, oversized or dripping requests, as the parser reports them. */
export const refuseBroken =
  (log: Log): ClientErrorHandler =>
  (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const answer = brokenBy(error.code);
    log.debug({ status: answer.status, parser: error.code }, 'refused');
    socket.end(onWire(answer), () => socket.destroy());
  };

function brokenBy(code: string): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return refusal(431, 'More than 16 KiB of headers were sent');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal(408, 'The request did not arrive in time');
  return refusal(400, 'This is not an HTTP/1.1 request');
}

/** Node would answer these itself, or leave the connection open. */
export function refuseDetours(server: FastifyInstance['server'], log: Log): void {
  const expectation = refusal(417, 'The "Expect" header is not supported');
  const detour = refusal(400, 'Only plain HTTP/1.1 requests are answered here');
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (_request, response) => {
      log.debug({ status: expectation.status }, 'refused');
      response.writeHead(expectation.status, headersOf(dataBody(expectation))).end(dataBody(expectation));
    });
  }
  for (const event of ['upgrade', 'connect'] as const) {
    server.on(event, (_request, socket) => {
      log.debug({ status: detour.status, event }, 'refused');
      // The parser has let go of this socket, so nobody else hears of a reset.
      socket.on('error', () => socket.destroy());
      socket.end(onWire(detour), () => socket.destroy());
    });
  }
}

const headersOf = (body: Buffer) => ({ ...fixedHeaders, 'content-length': body.byteLength, connection: 'close' });

function onWire(answer: Refusal): string {
  const body = dataBody(answer);
  const lines = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} ${reasons[answer.status]}\r\n${lines.join('')}\r\n${body}`;
}
