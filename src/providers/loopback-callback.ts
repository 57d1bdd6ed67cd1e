/** Waits at the loopback listener for what the browser brings (RFC 8252), and says in its window how it went. */
import type { LoginOutcome } from '../core/types.ts';
import type { LoopbackPage, Waiting } from './provider.ts';
import { wait } from './wait.ts';

export type Callback<T> =
  /** Not ours: the sign-in goes on waiting. */
  | { readonly type: 'ignored'; readonly page: LoopbackPage }
  | { readonly type: 'arrived'; readonly page: LoopbackPage; readonly arrival: T }
  | { readonly type: 'ended'; readonly page: LoopbackPage; readonly outcome: LoginOutcome };

interface Inbox<T> {
  /** Either what the browser brought or how the sign-in ended. */
  readonly arrival: Promise<T | LoginOutcome>;
  readonly answer: (url: URL) => LoopbackPage;
}

export const openInbox = <T>(judge: (url: URL) => Callback<T>): Inbox<T> => {
  let deliver: (arrival: T | LoginOutcome) => void = () => {};
  const arrival = new Promise<T | LoginOutcome>((resolve) => {
    deliver = resolve;
  });
  const answer = (url: URL): LoopbackPage => {
    const callback = judge(url);
    if (callback.type === 'arrived') deliver(callback.arrival);
    if (callback.type === 'ended') deliver(callback.outcome);
    return callback.page;
  };
  return { arrival, answer };
};

interface Patience {
  readonly waiting: Waiting;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** What to answer once `signal` is aborted. */
  readonly aborted: LoginOutcome;
}

export const arrivalOrEnd = async <T>(
  arrival: Promise<T | LoginOutcome>,
  { waiting, deadlineMs, signal, aborted }: Patience,
): Promise<T | LoginOutcome> => {
  const arrived = new AbortController();
  const either = AbortSignal.any([signal, arrived.signal]);
  const end = async (): Promise<LoginOutcome> =>
    (await wait(waiting, deadlineMs, either)) ? { type: 'unanswered', detail: 'nobody finished it in time' } : aborted;
  try {
    return await Promise.race([arrival, end()]);
  } finally {
    arrived.abort();
  }
};

export const received: LoopbackPage = {
  status: 200,
  title: 'Signed in',
  text: 'credbroker has what it needs: you can close this window.',
};

export const notSignedIn: LoopbackPage = {
  status: 200,
  title: 'Not signed in',
  text: 'The sign-in was not approved: close this window and sign in again from the terminal.',
};

/** Any local page can call the listener. */
export const ignored: Callback<never> = {
  type: 'ignored',
  page: {
    status: 400,
    title: 'Not expected',
    text: 'This address does not belong to the sign-in under way, which goes on waiting in its own window.',
  },
};
