/** What a lease is told, and what it asks for. */
import type { Served } from './api.ts';
import type { Failure } from './failure.ts';
import type { Checkout, EpochMs, Verdict } from './types.ts';

export interface Issued {
  readonly served: Served;
  readonly expiresAt: EpochMs;
  readonly checkout: Checkout | null;
}

export type LeaseEvent =
  | { readonly type: 'get'; readonly waiter: number; readonly holdMs: number; readonly person: boolean }
  /** A person wants new credentials now. */
  | { readonly type: 'renew'; readonly waiter: number; readonly holdMs: number }
  /** The caller hung up. */
  | { readonly type: 'leave'; readonly waiter: number }
  /** The heartbeat; `demanded` says whether the warm path served since the last one. */
  | { readonly type: 'beat'; readonly demanded: boolean }
  | { readonly type: 'alarm' }
  /** The session may offer something else than before: look at `access`. */
  | { readonly type: 'session' }
  /** The session looked into a refused token: the server accepts it elsewhere, or could not be asked. */
  | { readonly type: 'judged'; readonly generation: number; readonly good: boolean }
  | { readonly type: 'acquired'; readonly id: number; readonly verdict: Verdict<Issued> }
  /** The call waits for somebody's approval. */
  | { readonly type: 'gated'; readonly id: number; readonly failure: Failure }
  /** Logout, check-in, another identity: nothing under way may come back. */
  | { readonly type: 'drop'; readonly failure: Failure; readonly forgetCheckout: boolean }
  | { readonly type: 'checkin' }
  /** Upstream has taken this checkout back, at somebody's wish: its keys are good no more. */
  | { readonly type: 'revoked'; readonly transaction: string }
  | { readonly type: 'released'; readonly id: number }
  /** A newer sign-in: what was begun with the older one is not taken. */
  | { readonly type: 'signed-in' }
  /** After sleep or a network change: old gates say nothing any more. */
  | { readonly type: 'wake' };

export type LeaseEffect =
  | { readonly type: 'demand'; readonly foreground: boolean }
  | {
      readonly type: 'acquire';
      readonly id: number;
      readonly checkout: Checkout | null;
      readonly force: boolean;
      readonly wished: boolean;
    }
  /** `timedOut`: it had its time, and upstream did not answer. */
  | { readonly type: 'abort'; readonly id: number; readonly timedOut: boolean }
  | { readonly type: 'release'; readonly id: number; readonly checkout: Checkout }
  /** The token of this generation was refused; the session has to judge it. */
  | { readonly type: 'unauthorized'; readonly generation: number; readonly foreground: boolean }
  /** Upstream accepted the token of this generation. */
  | { readonly type: 'accepted'; readonly generation: number }
  | { readonly type: 'serve'; readonly waiter: number; readonly served: Served }
  | { readonly type: 'fail'; readonly waiter: number; readonly failure: Failure }
  | { readonly type: 'notify'; readonly message: string };
