import type { SessionStateName, StatusView } from '../core/views.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { shellWord } from './shell-text.ts';
import { say } from './text.ts';

export interface SessionChoice {
  /** Null where the person named none. */
  readonly name: string | null;
  /** For the advice. */
  readonly command: 'login' | 'logout';
}

const needsSignIn: ReadonlySet<SessionStateName> = new Set(['signed-out', 'login-required', 'expiring']);

/** The session meant; the daemon judges a name. Without one there must be no doubt, or a person who can be asked. */
export async function pickSession(context: Context, { sessions }: StatusView, choice: SessionChoice): Promise<string> {
  const { name, command } = choice;
  if (name !== null) return name;
  if (sessions.length === 0) throw usage('No session is configured. Run: aws configure sso');
  const likely = command === 'login' ? sessions.filter(({ state }) => needsSignIn.has(state)) : [];
  const [only, ...others] = likely.length === 1 ? likely : sessions;
  if (only !== undefined && others.length === 0) return only.name;
  const names = sessions.map((session) => session.name);
  const chosen = context.interactive ? await askWhich(context, names) : null;
  if (chosen !== null) return chosen;
  const lines = names.map((each) => `credbroker ${command} ${shellWord(each)}`);
  throw usage('There are several sessions. Run one of:', lines);
}

/** Null when the answer is none of them. */
async function askWhich(context: Context, names: readonly string[]): Promise<string | null> {
  say(context, 'Which session?');
  for (const [at, name] of names.entries()) say(context, `  ${at + 1}  ${name}`);
  const answer = (await context.ask('Number: ')).trim();
  return names.find((name, at) => answer === String(at + 1) || answer === name) ?? null;
}
