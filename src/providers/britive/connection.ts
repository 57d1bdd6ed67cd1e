/** One session's tenant, and what its calls share: the cookies of a step-up, secrets shown once, the moment of the last sign-in, turns. */
import { CookieJar } from './cookies.ts';
import { ShownOnce } from './shown-once.ts';
import type { BritiveDependencies, BritiveSessionSettings, SessionRecord } from './types.ts';

/** A tenant may need a moment to know a session that has just begun everywhere. */
const settlingMs = 15_000;

export class Connection {
  readonly settings: BritiveSessionSettings;
  readonly dependencies: BritiveDependencies;
  readonly cookies: CookieJar;
  readonly shownOnce: ShownOnce;
  readonly #turns = new Map<string, Promise<void>>();
  #signedInAt: number | null = null;

  constructor(settings: BritiveSessionSettings, dependencies: BritiveDependencies) {
    this.settings = settings;
    this.dependencies = dependencies;
    this.cookies = new CookieJar(dependencies.clock);
    this.shownOnce = new ShownOnce(dependencies.clock);
  }

  signedIn(): void {
    this.#signedInAt = this.dependencies.clock.mono();
  }

  /** A refusal now may be one that the session only met too early. */
  isSettling(): boolean {
    return this.#signedInAt !== null && this.dependencies.clock.mono() - this.#signedInAt < settlingMs;
  }

  /** Runs one after the other what has the same key: two profiles may lead to one checkout. Null when stopped before. */
  async inTurn<T>(key: string, signal: AbortSignal, run: () => Promise<T>): Promise<T | null> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    let leave = (): void => {};
    const done = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const turn = before.then(() => done);
    this.#turns.set(key, turn);
    try {
      return (await comes(before, signal)) ? await run() : null;
    } finally {
      leave();
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }
}

const comes = (turn: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const stop = (): void => resolve(false);
    signal.addEventListener('abort', stop, { once: true });
    // A turn ends, and never fails.
    void turn.then(() => {
      signal.removeEventListener('abort', stop);
      resolve(!signal.aborted);
    });
    if (signal.aborted) stop();
  });

/** What a call needs besides its own words. */
export interface Call {
  readonly connection: Connection;
  /** Null for the calls that need no session. */
  readonly record: Pick<SessionRecord, 'accessToken' | 'tokenType'> | null;
  readonly signal: AbortSignal;
}
