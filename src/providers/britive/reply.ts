/** Answers of a tenant: objects, arrays, bare strings and nothing at all are all in use, whatever the content type says. */
import type { SendFailure } from '../failures.ts';
import { failure, transient, transientOf } from '../failures.ts';
import type { HttpAnswer } from '../http.ts';
import type { JsonObject } from '../json-reply.ts';
import { readJson, textField } from '../json-reply.ts';
import type { Refused } from './errors.ts';
import { refusalOf, refusalVerdict } from './errors.ts';
import type { EpochMs, Verdict } from './types.ts';

export interface TenantReply {
  readonly type: 'reply';
  readonly status: number;
  /** Parsed JSON, the text where it is none, null for no content. */
  readonly body: unknown;
  readonly header: (name: string) => string | null;
}

interface Maintenance {
  readonly type: 'maintenance';
  /** What the tenant tells its users. */
  readonly detail: string;
}

/** What a `request…` function brings back and a `parse…` function judges. */
export type Reply = TenantReply | SendFailure | Maintenance;

export type NotOk = Refused | SendFailure | Maintenance;

/** What a `parse…` function finds; `verdictOf` turns what is not ok into a verdict. */
export type Parsed<T> = { readonly type: 'ok'; readonly value: T } | NotOk;

export const readReply = (answer: HttpAnswer, now: EpochMs): Reply => {
  const { status, text, header } = answer;
  const body = readBody(text);
  if (status === 503 && isObject(body) && body['errorCode'] === 'MAINT0001') {
    return { type: 'maintenance', detail: quoted(body, 'message') ?? 'Maintenance' };
  }
  const judged = readJson(answer, now);
  // Where nothing but the shape is wrong, the shape may still be one that Britive uses.
  if (judged.type === 'failure' && judged.why !== 'bad-body') return judged;
  return { type: 'reply', status, body, header };
};

const readBody = (text: string): unknown => {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** `read` gives undefined for a body that is not what it promises to be. */
export const parse = <T>(reply: Reply, read: (body: unknown) => T | undefined): Parsed<T> => {
  if (reply.type !== 'reply') return reply;
  if (reply.status >= 400) return refused(reply);
  const value = read(reply.body);
  if (value !== undefined) return { type: 'ok', value };
  return failure('bad-body', 'the tenant answered without what it promises', true);
};

// A refusal counts when the tenant sent it: an error object, or no words at all. Other text comes from in between.
const refused = ({ status, body }: TenantReply): Refused | SendFailure => {
  if (body !== null && !isObject(body))
    return failure('bad-body', `the answer is not the expected JSON (${status})`, false);
  const fields = body ?? {};
  return refusalOf({ status, code: textField(fields, 'errorCode'), message: textField(fields, 'message') ?? '' });
};

const maintenanceMs = 60_000;

export interface Judge {
  readonly now: EpochMs;
}

/** For calls that may be repeated at will. */
export const verdictOf = (notOk: NotOk, judge: Judge): Verdict<never> => {
  switch (notOk.type) {
    case 'failure':
      return transientOf(notOk);
    case 'maintenance':
      return transient('maintenance', notOk.detail, maintenanceMs);
    case 'refused':
      return refusalVerdict(notOk, judge);
  }
};

/** Asking again may bring another answer soon; a tenant in maintenance is left alone. */
export const isPassing = (parsed: Parsed<unknown>): parsed is Refused | SendFailure =>
  parsed.type === 'failure' ? parsed.why !== 'aborted' : parsed.type === 'refused' && parsed.class === 'transient';

/** For a call that must not be made twice: may it have taken effect? Behind a gateway's 5xx it may have. */
export const mayHaveWorked = ({ maybeProcessed, why }: SendFailure): boolean => maybeProcessed || why === '5xx';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list; undefined where there is no list. */
export const objectsOf = (value: unknown): readonly JsonObject[] | undefined =>
  Array.isArray(value) ? value.filter(isObject) : undefined;

/** Words of the tenant that a person has to read: one line, shortened. */
export const quoted = (body: JsonObject, name: string): string | null => {
  const text =
    textField(body, name)
      ?.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim() ?? '';
  return text === '' ? null : text.slice(0, 200);
};
