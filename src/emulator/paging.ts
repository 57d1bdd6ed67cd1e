import type { Call, Refused } from './call.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page, as the service sends it. */
  readonly nextToken: string | null;
}

export interface Paging {
  /** The most that a page holds, whatever the client asks for. */
  readonly pageSize: number;
  /** What the service calls its two parameters. */
  readonly names: { readonly token: string; readonly size: string };
  readonly refuse: (message: string) => Refused;
}

/** The page that the call asks for. */
export function pageOf<T>(call: Call, all: readonly T[], { pageSize, names, refuse }: Paging): Page<T> {
  const wanted = maxResult(call.query.get(names.size));
  if (wanted === null) throw refuse(`${names.size} must be between 1 and 100`);
  const start = offset(call.query.get(names.token));
  if (start === null) throw refuse('Invalid next token');
  const size = Math.min(pageSize, wanted);
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? tokenFor(end) : null };
}

const tokenFor = (position: number): string => Buffer.from(`from:${position}`).toString('base64url');

function offset(token: string | null): number | null {
  if (token === null || token === '') return 0;
  const position = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  return position === undefined ? null : Number(position);
}

function maxResult(text: string | null): number | null {
  const value = text === null ? 100 : Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 100 ? value : null;
}
