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

export function mayOpen(history: LoginHistory, now: EpochMs, numbers: RefreshNumbers['login']): boolean {
  if (history.signedOut || now < history.cooldownUntil) return false;
  if (history.unanswered.filter((at) => now - at < dayMs).length >= numbers.maxUnansweredPerDay) return false;
  return history.succeededAt === null || now - history.succeededAt >= numbers.afterSuccessMs;
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
