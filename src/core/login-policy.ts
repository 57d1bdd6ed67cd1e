/** May a browser open by itself, and when again? Pure; the history it needs survives restarts. */
import type { RefreshNumbers } from './settings.ts';
import { type EpochMs, epoch } from './types.ts';

const dayMs = 24 * 60 * 60_000;

/** Durable, or a daemon that crashes in a loop would open a window each time. */
export interface LoginHistory {
  /** The user said so: no window opens by itself until the user asks. */
  readonly signedOut: boolean;
  /** Automatic windows of the last day that nobody answered. */
  readonly unanswered: readonly EpochMs[];
  readonly cooldownUntil: EpochMs;
  readonly succeededAt: EpochMs | null;
}

export const noHistory: LoginHistory = { signedOut: false, unanswered: [], cooldownUntil: epoch(0), succeededAt: null };

/** Why no window may open by itself. `until` is null where only the user ends it. */
export interface Restraint {
  readonly reason: 'signed-out' | 'cooldown' | 'daily-cap' | 'just-signed-in';
  readonly until: EpochMs | null;
}

/** Null when a window may open. */
export function whyNot(history: LoginHistory, now: EpochMs, numbers: RefreshNumbers['login']): Restraint | null {
  if (history.signedOut) return { reason: 'signed-out', until: null };
  const today = history.unanswered.filter((at) => now - at < dayMs);
  const [oldest] = today.slice(-numbers.maxUnansweredPerDay);
  if (oldest !== undefined && today.length >= numbers.maxUnansweredPerDay) {
    return { reason: 'daily-cap', until: epoch(oldest + dayMs) };
  }
  if (now < history.cooldownUntil) return { reason: 'cooldown', until: history.cooldownUntil };
  const justSignedIn = history.succeededAt !== null && now - history.succeededAt < numbers.afterSuccessMs;
  return justSignedIn ? { reason: 'just-signed-in', until: epoch(history.succeededAt + numbers.afterSuccessMs) } : null;
}

/** Written down before the window opens: a crash in between must not open a second one. */
export function afterOpening(history: LoginHistory, now: EpochMs, numbers: RefreshNumbers['login']): LoginHistory {
  const unanswered = [...history.unanswered.filter((at) => now - at < dayMs), now];
  const step = Math.min(unanswered.length, numbers.cooldownsMs.length) - 1;
  return { ...history, unanswered, cooldownUntil: epoch(now + (numbers.cooldownsMs[step] ?? dayMs)) };
}

export const afterSuccess = (now: EpochMs): LoginHistory => ({ ...noHistory, succeededAt: now });

/** The person said no: the second rung of the ladder at once. */
export function afterDecline(history: LoginHistory, now: EpochMs, numbers: RefreshNumbers['login']): LoginHistory {
  const pause = numbers.cooldownsMs[1] ?? dayMs;
  return { ...history, cooldownUntil: epoch(Math.max(history.cooldownUntil, now + pause)) };
}
