/** What happens to a session, and what its machine wants done about it. */
import type { Failure } from './failure.ts';
import type { NoticeKind } from './notice.ts';
import type {
  LoginOutcome,
  Presence,
  RefreshedTokens,
  SaveOutcome,
  SessionRecord,
  StoredSession,
  Verdict,
} from './types.ts';

export type SessionEvent =
  | { readonly type: 'start' }
  /** A lease wants an access token; only foreground demand may lead to a sign-in. */
  | { readonly type: 'demand'; readonly foreground: boolean }
  /** Somebody wants the access token itself, with so much life left where a refresh can bring it. */
  | { readonly type: 'wanted'; readonly leftMs: number }
  /** A program was served from what is held: the session is in use. */
  | { readonly type: 'used' }
  | { readonly type: 'unauthorized'; readonly generation: number; readonly foreground: boolean }
  | { readonly type: 'accepted'; readonly generation: number }
  | { readonly type: 'stored'; readonly id: number; readonly stored: StoredSession }
  | { readonly type: 'refreshed'; readonly id: number; readonly verdict: Verdict<RefreshedTokens> }
  | { readonly type: 'persisted'; readonly id: number; readonly outcome: SaveOutcome }
  | { readonly type: 'probed'; readonly id: number; readonly verdict: Verdict<void> }
  | { readonly type: 'looked'; readonly id: number; readonly presence: Presence }
  /** Another process changed the store. */
  | { readonly type: 'store-changed' }
  /** `fits`: what is open already, if anything, is such a sign-in as the person wants. */
  | { readonly type: 'login-asked'; readonly fits: boolean }
  | { readonly type: 'login-ended'; readonly id: number; readonly outcome: LoginOutcome }
  /** Whoever asked for the sign-in left. */
  | { readonly type: 'login-abandoned' }
  /** `revoke` ends it upstream, too, where that is left to the person. */
  | { readonly type: 'logout'; readonly revoke: boolean }
  | { readonly type: 'beat' }
  | { readonly type: 'alarm' }
  | { readonly type: 'wake' };

export type SessionEffect =
  | { readonly type: 'read'; readonly id: number }
  | { readonly type: 'refresh'; readonly id: number; readonly record: SessionRecord }
  | { readonly type: 'probe'; readonly id: number; readonly record: SessionRecord | null }
  /** Looks whether the user is there. */
  | { readonly type: 'look'; readonly id: number }
  | {
      readonly type: 'persist';
      readonly id: number;
      readonly record: SessionRecord;
      readonly replaced: SessionRecord | null;
    }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'login'; readonly id: number; readonly byUser: boolean }
  /** Tells those who asked for the sign-in how it ended; null is success. */
  | { readonly type: 'login-result'; readonly id: number; readonly failure: Failure | null }
  | { readonly type: 'forget'; readonly record: SessionRecord | null; readonly revoke: boolean }
  /** The identity is gone: nothing its leases hold may be served. */
  | { readonly type: 'drop'; readonly failure: Failure }
  | { readonly type: 'judged'; readonly generation: number; readonly good: boolean }
  /** Somebody signed in: what was refused before says nothing any more. */
  | { readonly type: 'signed-in' }
  | { readonly type: 'notify'; readonly kind: NoticeKind; readonly message: string };
