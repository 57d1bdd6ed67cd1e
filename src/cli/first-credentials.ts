/** Has the daemon hold a profile's credentials before a program needs them, where a person sees what that takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerClient, openClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { SessionView, StatusView } from '../core/views.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { openProgress } from './progress.ts';
import { signInAgain } from './sign-in.ts';

/** `isLong`: what comes now is known to take long, and a log has been told. */
export type Moves = (isLong: boolean) => void;

export interface FirstCredentials<T> {
  readonly profile: string;
  /** Asks the daemon, a second time after a sign-in; `moves` is for every sign of progress, which it shows itself. */
  readonly fetch: (client: BrokerClient, moves: Moves) => Promise<T>;
  /** Whether a sign-in that is needed shall not wait until `fetch` fails for it. */
  readonly signsInFirst: boolean;
  readonly socket: string;
  /** As the daemon saw things just now. */
  readonly status: StatusView;
  /** How long one look at the daemon's state is good for. */
  readonly pollMs: number;
}

/** A failure that lasts so many polls is told instead of waited out. */
const patiencePolls = 10;
const awaitsPerson: ReadonlySet<string> = new Set(['signed-out', 'login-pending', 'login-required']);
const signInErrors: ReadonlySet<string> = new Set(['LoginRequired', 'LoginPending']);

/** What `fetch` brought. A sign-in happens here, and not behind a program that would fail without a word. */
export async function firstCredentials<T>(context: Context, wanted: FirstCredentials<T>): Promise<T> {
  const session = sessionOf(wanted.status, wanted.profile);
  let asked = false;
  /** Once: whoever is refused right after a sign-in would be refused again. */
  const login = async (): Promise<boolean> => {
    if (session === null || asked) return false;
    asked = true;
    return signInAgain(context, openClient(wanted.socket, context.signals.aborted), session);
  };
  if (wanted.signsInFirst && session !== null && awaitsPerson.has(session.state)) await login();
  try {
    return await fetchWatched(context, wanted);
  } catch (error) {
    // The daemon may learn only now that the session has ended.
    if (!(error instanceof BrokerError) || !signInErrors.has(error.code) || !(await login())) throw error;
    return fetchWatched(context, wanted);
  }
}

const sessionOf = (status: StatusView, profile: string): SessionView | null => {
  const name = findProfile(status, profile)?.session ?? null;
  return status.sessions.find((session) => session.name === name) ?? null;
};

const troubleOf = (status: StatusView, profile: string): string | null =>
  findProfile(status, profile)?.lastError ?? sessionOf(status, profile)?.lastError ?? null;

/** Fetches until it succeeds, or until the daemon's state says that it will not by itself. */
async function fetchWatched<T>(context: Context, wanted: FirstCredentials<T>): Promise<T> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signals.aborted, over.signal]);
  const client = openClient(wanted.socket, signal);
  const progress = openProgress(context);
  let silentPolls = 0;
  let hasMoved = false;
  let isTold = false;
  const moves: Moves = (isLong) => {
    silentPolls = 0;
    hasMoved = true;
    isTold = isLong;
    progress.end();
  };
  const tick = () => {
    silentPolls += 1;
    // A log gets a line where the wait is long, or its reader would take it for a standstill.
    const isDue = context.stderr.isTTY ? !hasMoved : !isTold && silentPolls > patiencePolls;
    if (isDue) progress.show(`Waiting for credentials of "${wanted.profile}" …`);
  };
  const before = troubleOf(wanted.status, wanted.profile);
  // What failed before says nothing about a call that is on its way, and may wait for a person.
  const isStuck = (trouble: string) => silentPolls >= patiencePolls && !(hasMoved && trouble === before);
  try {
    const watching = watch(context.interactive, { client, wanted, signal, tick, isStuck });
    return await Promise.race([wanted.fetch(client, moves), watching]);
  } finally {
    over.abort();
    progress.end();
  }
}

interface Watch {
  readonly client: BrokerClient;
  readonly wanted: FirstCredentials<unknown>;
  readonly signal: AbortSignal;
  readonly tick: () => void;
  readonly isStuck: (trouble: string) => boolean;
}

/** Rejects with `LoginPending` when a person can finish what the daemon waits for, or with what keeps failing. */
async function watch(interactive: boolean, { client, wanted, signal, tick, isStuck }: Watch): Promise<never> {
  for (;;) {
    await sleep(wanted.pollMs, null, { signal });
    tick();
    const status = await client.status();
    const session = sessionOf(status, wanted.profile);
    if (interactive && session?.state === 'login-pending') throw new BrokerError('LoginPending', session.next);
    const trouble = troubleOf(status, wanted.profile);
    if (trouble !== null && isStuck(trouble)) throw new BrokerError('UpstreamUnavailable', trouble);
  }
}
