/** Between HTTP and the handlers: makes calls, notes them in the journal, and lets faults have their way. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, type Call, type Handler, json, Refused } from './call.ts';
import type { Faults, MetFault } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Operation } from './operations.ts';

export interface Service {
  readonly journal: Journal;
  readonly faults: Faults;
  readonly now: () => number;
  /** The region of the endpoints whose path names none. */
  readonly homeRegion: () => string;
}

export interface Route {
  readonly operationOf: (call: Call) => Operation;
  readonly handle: Handler;
}

type Delivery =
  | { readonly type: 'whole' | 'cut'; readonly answer: Answer }
  | { readonly type: 'trickle'; readonly answer: Answer; readonly everyMs: number }
  | { readonly type: 'reset' };

type Serve = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** The framework's handler for a route. */
export const serving =
  (service: Service, route: Route): Serve =>
  async (request, reply) =>
    deliver(reply, await served(service, route, callOf(request, service.homeRegion())));

async function served(service: Service, route: Route, call: Call): Promise<Delivery> {
  const operation = route.operationOf(call);
  const met = service.faults.meet(operation, call);
  const arrived = { operation, at: service.now(), request: call, answer: null, done: false };
  const note = service.journal.arrive({ ...arrived, fault: met?.fault.kind ?? null });
  const noted = (answer: Answer): Answer => {
    const stamped = stamp(answer, call, service.now());
    note({ answer: stamped });
    return stamped;
  };
  const run = (): Answer => noted(outcome(route.handle, call));
  const delivery = met === null ? whole(run()) : await spoiled(met, { run, noted });
  note({ done: true });
  return delivery;
}

const whole = (answer: Answer): Delivery => ({ type: 'whole', answer });

interface Running {
  /** Lets the operation happen. */
  readonly run: () => Answer;
  /** Writes down an answer that comes from elsewhere. */
  readonly noted: (answer: Answer) => Answer;
}

/** What a client gets of a call that a fault meets. */
async function spoiled({ fault, released }: MetFault, { run, noted }: Running): Promise<Delivery> {
  switch (fault.kind) {
    case 'resetBefore':
      return { type: 'reset' };
    case 'resetAfter':
      run();
      return { type: 'reset' };
    case 'truncated':
      return { type: 'cut', answer: run() };
    case 'trickle':
      return { type: 'trickle', answer: run(), everyMs: fault.ms };
    case 'delay':
      await delay(fault.ms, undefined, { ref: false });
      return whole(run());
    case 'hold':
      await released;
      return whole(run());
    case 'holdAnswer': {
      const answer = run();
      await released;
      return whole(answer);
    }
    default:
      return whole(noted(substitute(fault)));
  }
}

type Substitute = Extract<MetFault['fault'], { kind: 'status' | 'malformedJson' | 'badGateway' | 'captivePortal' }>;

function substitute(fault: Substitute): Answer {
  switch (fault.kind) {
    case 'status':
      if (typeof fault.body !== 'string') return json(fault.status, fault.body ?? {}, fault.headers);
      return { status: fault.status, headers: { 'content-type': 'text/plain', ...fault.headers }, body: fault.body };
    case 'malformedJson':
      return { ...json(200, null), body: '{"accessToken":"aoa' };
    case 'badGateway':
      return html(502, '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>');
    case 'captivePortal':
      return html(200, '<!doctype html><title>Welcome</title><p>Please accept the terms to use this network.</p>');
  }
}

const html = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/html' }, body });

function outcome(handle: Handler, call: Call): Answer {
  try {
    return handle(call);
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.render(call.requestId);
    throw thrown;
  }
}

/** `Date` follows the emulator's clock, because clients learn from it how wrong their own is. */
const stamp = (answer: Answer, call: Call, now: number): Answer => ({
  ...answer,
  headers: { 'x-amzn-requestid': call.requestId, date: new Date(now).toUTCString(), ...answer.headers },
});

function deliver(reply: FastifyReply, delivery: Delivery): void {
  switch (delivery.type) {
    case 'reset':
      reply.hijack();
      reply.raw.socket?.resetAndDestroy();
      break;
    case 'cut':
      cutShort(reply, delivery.answer);
      break;
    case 'trickle':
      trickle(reply, delivery.answer, delivery.everyMs);
      break;
    case 'whole': {
      const { status, headers, body } = delivery.answer;
      // As bytes, because Fastify adds a charset to text, and AWS sends none.
      void reply.code(status).headers(headers).send(Buffer.from(body));
    }
  }
}

function cutShort(reply: FastifyReply, { status, headers, body }: Answer): void {
  reply.hijack();
  reply.raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  reply.raw.write(body.slice(0, Math.floor(body.length / 2)), () => reply.raw.socket?.destroy());
}

function trickle(reply: FastifyReply, { status, headers, body }: Answer, everyMs: number): void {
  reply.hijack();
  reply.raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  const drip = async (): Promise<void> => {
    for (const byte of Buffer.from(body)) {
      if (reply.raw.destroyed) return;
      reply.raw.write(Buffer.of(byte));
      await delay(everyMs, undefined, { ref: false });
    }
    reply.raw.end();
  };
  // Nobody is told when the client leaves before the end.
  drip().catch(() => {});
}

function callOf(request: FastifyRequest, homeRegion: string): Call {
  const [path = '', ...rest] = (request.raw.url ?? '').split('?');
  const rawQuery = rest.join('?');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method,
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: Object.fromEntries(headers),
    body: typeof request.body === 'string' ? request.body : '',
    region: path.match(/^\/regions\/([^/]+)\//)?.[1] ?? homeRegion,
    requestId: randomUUID(),
  };
}
