import type { StatusView } from '../core/views.ts';
import { usage } from './exit.ts';

export interface SessionChoice {
  /** Null where the person named none. */
  readonly name: string | null;
  /** For the advice. */
  readonly command: 'login' | 'logout';
}

/** The session meant; the daemon judges a name, and without one there must be no doubt. */
export function pickSession({ sessions }: StatusView, { name, command }: SessionChoice): string {
  if (name !== null) return name;
  const [only, ...others] = sessions;
  if (only === undefined) throw usage('No session is configured. Run: aws configure sso');
  if (others.length === 0) return only.name;
  const names = sessions.map((session) => `"${session.name}"`).join(', ');
  throw usage(`There are several sessions: ${names}. Run: credbroker ${command} <session>`);
}
