import type { SessionMemo } from './session-memo.ts';
import type { SessionSettings } from './settings.ts';
import type { Presence, SessionStore, SessionUpstream } from './types.ts';

/** What a session is made of; the wiring chooses each piece. */
export interface SessionParts {
  readonly settings: SessionSettings;
  readonly upstream: SessionUpstream;
  readonly store: SessionStore;
  /** Whether a window that opens unasked can open at all. */
  readonly canOpenBrowser: boolean;
  /** Asked right before a window opens unasked. */
  readonly presence: () => Promise<Presence>;
  readonly memo: SessionMemo;
  /** On disk when it returns. */
  readonly saveMemo: (memo: SessionMemo) => void;
}
