/** A call that passed the gate. */
import type { Answer, Call } from '../call.ts';
import type { Caller } from './admit.ts';
import { refusal } from './errors.ts';
import { parseObject } from './jwt.ts';

export interface TenantRequest {
  readonly call: Call;
  readonly caller: Caller;
  /** By the names in the route's pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export type Reaction = (request: TenantRequest) => Answer;

/** Empty where nothing was sent; refuses what is no JSON object. */
export function bodyOf(call: Call): Readonly<Record<string, unknown>> {
  const body = call.body === '' ? {} : parseObject(call.body);
  if (body === null) throw refusal(400, 'E1000', 'Malformed request body');
  return body;
}

/** Null for what is absent or empty. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = body[name] ?? null;
  if (value !== null && typeof value !== 'string') throw refusal(400, 'E1000', `"${name}" must be text`);
  return value === '' ? null : value;
}

/** For the placeholders (`:name`) of a pattern that the path is known to fit. */
export function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> {
  const values = path.split('/');
  const named = pattern
    .split('/')
    .flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), decoded(values[index] ?? '')]] : []));
  return Object.fromEntries(named);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(400, 'E1000', 'Malformed path');
  }
}
