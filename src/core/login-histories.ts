/** The login histories of all sessions as one durable value. */
import { type LoginHistory, noHistory } from './login-policy.ts';
import type { StateFile } from './ports.ts';
import { epoch } from './types.ts';

export type Histories = Readonly<Record<string, LoginHistory>>;

/** Throws for what was never saved. */
export function parseHistories(value: unknown): Histories {
  if (typeof value !== 'object' || value === null) throw new Error('login histories are an object');
  return Object.fromEntries(Object.entries(value).map(([name, history]) => [name, parseHistory(history)]));
}

function parseHistory(value: Partial<Record<keyof LoginHistory, unknown>>): LoginHistory {
  const { signedOut, unanswered, cooldownUntil, succeededAt } = value;
  if (typeof signedOut !== 'boolean' || !Array.isArray(unanswered)) throw new Error('a login history is incomplete');
  return {
    signedOut,
    unanswered: unanswered.filter((at) => typeof at === 'number').map(epoch),
    cooldownUntil: epoch(typeof cooldownUntil === 'number' ? cooldownUntil : 0),
    succeededAt: typeof succeededAt === 'number' ? epoch(succeededAt) : null,
  };
}

export class LoginHistories {
  readonly #file: StateFile<Histories>;
  #all: Histories;

  constructor(file: StateFile<Histories>) {
    this.#file = file;
    this.#all = file.load() ?? {};
  }

  of(session: string): LoginHistory {
    return this.#all[session] ?? noHistory;
  }

  save(session: string, history: LoginHistory): void {
    this.#all = { ...this.#all, [session]: history };
    this.#file.save(this.#all);
  }
}
