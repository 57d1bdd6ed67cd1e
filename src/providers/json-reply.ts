/** Answers that are meant to be JSON: everything a proxy, a portal or a broken server can put in between ends here. */
import type { EpochMs, ServerMs } from '../core/types.ts';
import type { SendFailure } from './failures.ts';
import { failure } from './failures.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import { send } from './http.ts';

/** A 2xx or 4xx answer of the upstream itself. */
export interface JsonReply {
  readonly type: 'json';
  readonly status: number;
  readonly body: JsonObject;
  readonly header: (name: string) => string | null;
  readonly serverDate: ServerMs | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a `request…` function brings back and a `parse…` function judges. */
export type Reply = JsonReply | SendFailure;

/** Sends, and lets every genuine answer correct our clock. */
export const sendJson = async (http: Http, request: HttpRequest, signal: AbortSignal): Promise<Reply> => {
  const answer = await send(http, request, signal);
  if (answer.type === 'failure') return answer;
  const reply = readJson(answer, http.clock.now());
  if (reply.type === 'json' && reply.serverDate !== null) http.clock.anchor(reply.serverDate, answer.rttMs);
  return reply;
};

export const readJson = (answer: HttpAnswer, now: EpochMs): Reply => {
  const { status, text, header, serverDate } = answer;
  const failed = failureIn(answer, { isPage: isPage(answer), now });
  if (failed !== null) return failed;
  const body = parseObject(text);
  if (body === null) return failure('bad-body', `the answer is not the expected JSON (${status})`, status < 300);
  return { type: 'json', status, body, header, serverDate };
};

interface Circumstances {
  /** The text is for people. */
  readonly isPage: boolean;
  readonly now: EpochMs;
}

/** What answers in the upstream's place, or says that the upstream cannot; null for an answer that is to be read. */
export const failureIn = (
  { status, header, serverDate }: HttpAnswer,
  { isPage, now }: Circumstances,
): SendFailure | null => {
  if (status === 407) return failure('proxy', 'the proxy wants a sign-in (407)', false);
  if (status === 511) return failure('captive-portal', 'the network wants a sign-in (511)', false);
  if (status >= 300 && status < 400) return failure('captive-portal', `unexpected redirect (${status})`, false);
  if (isPage && status < 500) return failure('captive-portal', `a web page instead of an answer (${status})`, false);
  const retryAfterMs = parseRetryAfter(header('retry-after'), serverDate ?? now);
  if (status === 429) return { ...failure('429', 'too many requests (429)', false), retryAfterMs };
  if (status >= 500) return { ...failure('5xx', `the service failed (${status})`, false), retryAfterMs };
  return null;
};

const isPage = ({ header, text }: HttpAnswer): boolean =>
  header('content-type')?.includes('text/html') === true || text.trimStart().startsWith('<');

const parseObject = (text: string): JsonObject | null => {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
};

/** RFC 9110 section 10.2.3: seconds or a date. */
const parseRetryAfter = (value: string | null, now: EpochMs | ServerMs): number | null => {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
};

/** A non-empty string, or null. */
export const textField = (body: JsonObject, name: string): string | null => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** A finite number above 0, or null. */
export const positiveField = (body: JsonObject, name: string): number | null => {
  const value = body[name];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
};

/** The objects of an array, or null where there is no array. */
export const objectsField = (body: JsonObject, name: string): readonly JsonObject[] | null => {
  const value = body[name];
  if (!Array.isArray(value)) return null;
  return value.filter((item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item));
};
