/** Lends the libraries our one way out. They see JSON alone: what proxies and portals put in between ends here. */
import type { EpochMs } from '../../core/types.ts';
import type { SendFailure } from '../failures.ts';
import type { Http, HttpAnswer } from '../http.ts';
import { send } from '../http.ts';
import type { Reply } from '../json-reply.ts';
import { readJson } from '../json-reply.ts';

export interface Wire {
  readonly http: Http;
  readonly signal: AbortSignal;
}

/** Passes through the libraries, and becomes a verdict behind them. */
export class SendFailed extends Error {
  override readonly name = 'SendFailed';
  readonly failure: SendFailure;

  constructor(failure: SendFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

interface LibraryRequest {
  readonly method?: string;
  readonly headers?: Headers | Record<string, string>;
  readonly body?: URLSearchParams | undefined;
}

/** What oauth4webapi and jose call in the place of `fetch`. */
export const fetchOver =
  ({ http, signal }: Wire) =>
  async (url: string, { method, headers, body }: LibraryRequest): Promise<Response> => {
    const sent = new Headers(headers);
    // The name of this program goes out, not that of the library.
    sent.delete('user-agent');
    const request = {
      method: method === 'POST' ? 'POST' : 'GET',
      url,
      headers: Object.fromEntries(sent.entries()),
      body: body?.toString() ?? null,
    } as const;
    const answer = await send(http, request, signal);
    if (answer.type === 'failure') throw new SendFailed(answer);
    const reply = read(answer, http.clock.now());
    if (reply.type === 'failure') throw new SendFailed(reply);
    if (reply.serverDate !== null) http.clock.anchor(reply.serverDate, answer.rttMs);
    const headersSeen = { 'content-type': 'application/json' };
    const text = reply.status === 204 || reply.status === 205 ? null : JSON.stringify(reply.body);
    return new Response(text, { status: reply.status, headers: headersSeen });
  };

/** Where nothing is published, a page says so. */
const read = (answer: HttpAnswer, now: EpochMs): Reply =>
  answer.status === 404
    ? { type: 'json', status: 404, body: {}, header: answer.header, serverDate: answer.serverDate }
    : readJson(answer, now);

/** Plain HTTP is for this machine alone. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);

/** A page or an endpoint that tokens and people may be sent to. */
export const isSafe = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
};
