import type { Cancel, SessionRecord } from './types.ts';

/** Where a session's tokens are kept: the shared cache of the AWS tools, or our own secret store. */
export interface SessionStore {
  /** `gone` when there is nothing; `unreadable` when there is something that cannot be read now (never a logout). */
  readonly load: () => Promise<StoredSession>;
  /**
   * Writes durably. `replaced` is what the caller last read: where another tool has stored something that lives longer
   * since, or has deleted it, that stays and the answer says so. Null is a new sign-in, which replaces whatever is there.
   */
  readonly save: (record: SessionRecord, replaced: SessionRecord | null) => Promise<SaveOutcome>;
  /** Rejects when the tokens may still be there. */
  readonly remove: () => Promise<void>;
  /** Calls back after another process changed what is stored. */
  readonly watch: (changed: () => void) => Cancel;
}

export type StoredSession =
  | { readonly type: 'found'; readonly record: SessionRecord }
  | { readonly type: 'gone' }
  | { readonly type: 'unreadable'; readonly detail: string };

export type SaveOutcome =
  | { readonly type: 'saved' }
  | { readonly type: 'changed'; readonly record: SessionRecord }
  | { readonly type: 'gone' }
  /** Disk full, read-only, keychain locked: the caller keeps the record in memory and tries again. */
  | { readonly type: 'failed'; readonly detail: string };
