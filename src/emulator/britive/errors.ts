/** The tenant's error answers. */
import { type Answer, json, Refused } from '../call.ts';
import type { TenantKnobs } from './knobs.ts';

/** `code` is null where the tenant sends none. */
export function refusal(status: number, code: string | null, message: string): Refused {
  const body = { status, message, ...(code !== null && { errorCode: code }), details: null };
  return new Refused(message, () => json(status, body));
}

/** The caller's session is dead, or never was. */
export const unauthorized = (knobs: TenantKnobs): Refused =>
  new Refused('Unauthorized', () => unauthorizedAnswer(knobs.unauthorized));

function unauthorizedAnswer(kind: TenantKnobs['unauthorized']): Answer {
  const message = 'Unauthorized';
  switch (kind) {
    case 'plain':
      return json(401, { message });
    case 'html':
      return page(401, message);
    default:
      return json(401, { status: 401, message, errorCode: kind, details: null });
  }
}

/** What stands before the tenant takes two hyphens for a comment of SQL. */
export const blockedByFirewall = (status: number): Answer => page(status, 'Request blocked');

const page = (status: number, title: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});
