import type { Call } from './call.ts';
import { portalError } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page, as the service sends it. */
  readonly nextToken: string | null;
}

/** The page that `next_token` names, of at most `max_result` items. */
export function pageOf<T>(call: Call, all: readonly T[], pageSize: number): Page<T> {
  const size = Math.min(pageSize, maxResult(call.query.get('max_result')));
  const start = offset(call.query.get('next_token'));
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? tokenFor(end) : null };
}

const tokenFor = (position: number): string => Buffer.from(`from:${position}`).toString('base64url');

function offset(token: string | null): number {
  if (token === null || token === '') return 0;
  const position = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (position === undefined) throw portalError('InvalidRequestException', 'Invalid next token');
  return Number(position);
}

function maxResult(text: string | null): number {
  const value = text === null ? 100 : Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100) {
    throw portalError('InvalidRequestException', 'max_result must be between 1 and 100');
  }
  return value;
}
