import type { LoginHistory } from './login-policy.ts';
import type { SessionSettings } from './settings.ts';
import type { SessionStore, SessionUpstream } from './types.ts';

/** What a session is made of; the wiring chooses each piece. */
export interface SessionParts {
  readonly settings: SessionSettings;
  readonly upstream: SessionUpstream;
  readonly store: SessionStore;
  /** Whether a window that opens unasked would be seen. */
  readonly canOpenBrowser: boolean;
  readonly history: LoginHistory;
  readonly saveHistory: (history: LoginHistory) => void;
}
