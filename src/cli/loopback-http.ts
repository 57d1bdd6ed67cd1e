/** Requests on this machine for the demo: its browser, and its SDK. */
import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Keeps connections open between requests, as SDKs do. */
  readonly agent: Agent;
}

export const get = (url: string, agent: Agent): Ask => ({ method: 'GET', url, headers: {}, body: '', agent });

export async function ask({ method, url, headers, body, agent }: Ask): Promise<Reply> {
  const options: RequestOptions = { method, headers, agent };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode ?? 0, location: answer.headers.location ?? null, body: text };
}
