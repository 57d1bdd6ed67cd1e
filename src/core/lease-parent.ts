/** What a lease needs before upstream may be asked: a session's tokens, another profile's credentials, or nothing. */
import type { LeaseEvent } from './lease-events.ts';
import type { SessionAccess } from './lease-state.ts';
import type { SessionSource } from './status.ts';
import type { Credentials, SessionRecord } from './types.ts';
import type { UpstreamGate } from './upstream-gate.ts';

export type ParentEvent =
  /** Programs were served from memory. */
  | { readonly type: 'used' }
  | { readonly type: 'demand'; readonly foreground: boolean }
  /** What was offered under this generation was refused; `judged` says what to make of it. */
  | { readonly type: 'unauthorized'; readonly generation: number; readonly foreground: boolean }
  | { readonly type: 'accepted'; readonly generation: number };

/** One that is told of whatever changes for it. */
export interface Child {
  readonly dispatch: (event: LeaseEvent) => void;
}

export interface LeaseParent {
  /** As the user knows it, for messages. */
  readonly who: string;
  /** Of the upstream that is asked. */
  readonly gate: UpstreamGate;
  readonly attach: (child: Child) => void;
  readonly detach: (child: Child) => void;
  readonly access: () => SessionAccess;
  /** The session's tokens, null where there is none. */
  readonly record: () => SessionRecord | null;
  /** The credentials of the profile this one builds on, null where there is none. */
  readonly source: () => Credentials | null;
  readonly dispatch: (event: ParentEvent) => void;
  /** For whoever wants to know why; null where there is no session. */
  readonly shown: () => SessionSource | null;
}
