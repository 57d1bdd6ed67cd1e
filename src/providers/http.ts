/**
 * One request, one answer. Redirects are never followed: an identity system does not redirect its API, whatever does is
 * a captive portal. Nothing here retries and nothing here throws.
 */
import type { Clock } from '../core/ports.ts';
import type { ServerMs } from '../core/types.ts';
import { serverTime } from '../core/types.ts';
import type { SendFailure } from './failures.ts';
import { failure, failureOf } from './failures.ts';

/** The part of undici's `fetch` that providers use. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

interface FetchResponse {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What a provider needs in order to talk. */
export interface Http {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly type: 'answer';
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
  /** The `Date` header. */
  readonly serverDate: ServerMs | null;
  /** From sending to the headers of the answer, in milliseconds. */
  readonly rttMs: number;
}

const maxBodyBytes = 1024 * 1024;

export const send = async (
  http: Http,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer | SendFailure> => {
  if (signal.aborted) return failure('aborted', 'stopped before anything was sent', false);
  const sent = { mono: http.clock.mono(), now: http.clock.now() };
  try {
    const { method, headers, body } = request;
    const response = await http.fetch(request.url, {
      method,
      headers: { ...headers },
      body,
      redirect: 'manual',
      signal,
    });
    const text = await readText(response.body);
    if (text === null) return failure('bad-body', 'the answer is longer than 1 MiB', true);
    // By both clocks: one of them stands still while the machine sleeps, and the answer waits in the socket.
    const rttMs = Math.max(http.clock.mono() - sent.mono, http.clock.now() - sent.now);
    const header = (name: string): string | null => response.headers.get(name);
    return { type: 'answer', status: response.status, header, text, serverDate: parseDate(header('date')), rttMs };
  } catch (thrown) {
    return failureOf(thrown, signal);
  }
};

const readText = async (body: FetchResponse['body']): Promise<string | null> => {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early also cancels the stream, so that the rest is never downloaded.
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};

const parseDate = (value: string | null): ServerMs | null => {
  const ms = value === null ? Number.NaN : Date.parse(value);
  return Number.isNaN(ms) ? null : serverTime(ms);
};
