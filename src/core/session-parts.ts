import type { Runtime } from './runtime.ts';
import { hostOf } from './session-address.ts';
import type { SessionMemo } from './session-memo.ts';
import type { SessionEnv } from './session-state.ts';
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

/** What the machine sees of the world at this moment. */
export function sessionEnv(runtime: Runtime, parts: SessionParts): SessionEnv {
  const { clock, login, numbers, random, fingerprint } = runtime;
  const { refreshLeadMs, trustMs } = parts.upstream;
  return {
    now: clock.now(),
    mono: clock.mono(),
    random: random(),
    name: parts.settings.name,
    who: hostOf(parts.settings),
    ...{ numbers, refreshLeadMs, trustMs, fingerprint },
    loginMode: parts.canOpenBrowser ? login() : 'manual',
  };
}
