/** What keeps a session's upstream from being asked, and its windows from opening, as a person reads it. */
import type { CircuitView, SessionView } from '../core/views.ts';
import { counted } from './text.ts';
import { elapsed, pause, wait } from './time.ts';

/** Null while it is asked as usual; `ageMs` is how old the view is. */
export function circuitText({ state, failures, retryInMs }: CircuitView, ageMs: number): string | null {
  if (state === 'closed') return null;
  const left = retryInMs - ageMs;
  const again = state === 'open' && left > 0 ? `asked again in ${pause(left)}` : 'the next call tries it';
  return `Upstream has failed ${counted(failures, 'time')} in a row; ${again}`;
}

export function windowText({ name, window: view }: Pick<SessionView, 'name' | 'window'>, now: number): string {
  const no = 'No window opens by itself';
  const paused = view.until === null ? no : `${no} for ${wait(view.until, now)}`;
  switch (view.heldBack) {
    case null:
      return 'A window opens by itself when a program needs a sign-in';
    case 'by-token':
      return `${no}: you signed in with a token. For another one, run: credbroker login ${name} --token`;
    case 'signed-out':
      return `${no}: you signed out`;
    case 'manual':
      return `${no}: the configuration says "login: manual"`;
    case 'no-browser':
      return `${no}: there is no browser to open`;
    case 'daily-cap':
      return `${paused}: the last ones were left unanswered`;
    case 'cooldown':
      return `${paused}: the last one was not finished`;
    case 'just-signed-in':
      return `${paused}: you have just signed in`;
    case 'away':
      return `${no} while nobody is there${view.lookedAt === null ? '' : ` (looked ${elapsed(view.lookedAt, now)} ago)`}`;
  }
}
