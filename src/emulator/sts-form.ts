/** The parameters of an STS call, refused in the words of AWS where they do not fit. */
import type { Call, Refused } from './call.ts';
import { stsError } from './errors.ts';

export interface Length {
  readonly min: number;
  readonly max: number;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** In the body, or in a presigned URL's query. */
export function parametersOf(call: Call): URLSearchParams {
  if (call.method === 'GET') return call.query;
  const isForm = (call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? call.body : '');
}

/** A value of that length made of characters that fit the pattern, null where it is absent. */
export function optionalText(
  form: URLSearchParams,
  name: string,
  { min, max, pattern }: Length & { readonly pattern: string },
): string | null {
  const value = form.get(name);
  if (value === null) return null;
  if (value.length < min) throw violated(name, value, `Member must have length greater than or equal to ${min}`);
  if (value.length > max) throw violated(name, value, `Member must have length less than or equal to ${max}`);
  if (new RegExp(`^(?:${pattern})$`, 'su').test(value)) return value;
  throw violated(name, value, `Member must satisfy regular expression pattern: ${pattern}`);
}

export function requiredText(
  form: URLSearchParams,
  name: string,
  constraint: Length & { readonly pattern: string },
): string {
  const value = optionalText(form, name, constraint);
  if (value === null) throw violated(name, 'null', 'Member must not be null');
  return value;
}

/** Seconds. */
export function durationOf(form: URLSearchParams, { max, usual }: { readonly max: number; readonly usual: number }) {
  const value = form.get('DurationSeconds');
  const seconds = Number(value ?? usual);
  if (!Number.isInteger(seconds)) throw stsError('ValidationError', 'DurationSeconds is not a number');
  if (seconds < 900)
    throw violated('DurationSeconds', `${value}`, 'Member must have value greater than or equal to 900');
  if (seconds > max)
    throw violated('DurationSeconds', `${value}`, `Member must have value less than or equal to ${max}`);
  return seconds;
}

/** `Tags.member.1.Key` and so on. */
export function tagsOf(form: URLSearchParams): readonly Tag[] {
  const tags: Tag[] = [];
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at++) {
    const key = requiredText(form, `Tags.member.${at}.Key`, { min: 1, max: 128, pattern: tagPattern });
    const value = requiredText(form, `Tags.member.${at}.Value`, { min: 0, max: 256, pattern: tagPattern });
    tags.push({ key, value });
  }
  if (tags.length > 50) throw violated('Tags', '[…]', 'Member must have length less than or equal to 50');
  if (new Set(tags.map(({ key }) => key.toLowerCase())).size === tags.length) return tags;
  throw stsError('ValidationError', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
}

const tagPattern = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*';

function violated(name: string, value: string, constraint: string): Refused {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  const shown = value === 'null' ? 'null' : `'${value}'`;
  return stsError(
    'ValidationError',
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
