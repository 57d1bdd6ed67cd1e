import type { HttpAnswer } from '../../src/providers/http.ts';

/** An answer as `send` gives it. */
export const httpAnswer = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  type: 'answer',
  status,
  text,
  header: (name) => headers[name] ?? null,
  serverDate: null,
  rttMs: 10,
});
