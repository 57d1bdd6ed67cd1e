/** Answers of a tenant that is newer than its clients. */
import type { Answer } from '../call.ts';

export function withUnknownField(answer: Answer): Answer {
  if (answer.body === '' || answer.headers['content-type'] !== 'application/json') return answer;
  const body: unknown = JSON.parse(answer.body);
  return { ...answer, body: JSON.stringify(Array.isArray(body) ? body.map(extended) : extended(body)) };
}

const extended = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? { ...value, addedLater: { reason: 'unknown to every client' } } : value;
