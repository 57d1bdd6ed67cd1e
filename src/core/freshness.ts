/** When a credential is renewed, when a request may wait for that, and when nothing is handed out any more. */
import type { RefreshNumbers } from './settings.ts';
import { type EpochMs, epoch } from './types.ts';

/** Clocks differ a little, and upstream needs a moment to notice an end. */
export const afterEndMs = 500;

/** `fresh`: serve. `due`: serve and renew behind. `short`: wait a little, then serve. `spent`: never serve. */
export type Freshness = 'fresh' | 'due' | 'short' | 'spent';

/** The boundaries of one generation, fixed when it is installed: a draw at every check would collapse to the early edge. */
export interface Schedule {
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly renewAt: EpochMs;
  readonly shortAt: EpochMs;
  readonly spentAt: EpochMs;
}

export interface ScheduleInput {
  readonly now: EpochMs;
  readonly expiresAt: EpochMs;
  /** Uniform in [0, 1): where inside the lead's range this generation renews. */
  readonly draw: number;
  /** Upstream gives one checkout at a time: nothing else may come before its end. */
  readonly exclusive: boolean;
}

/** Every boundary shrinks with the lifetime, or short-lived credentials would be stale on arrival. */
export function scheduleOf(input: ScheduleInput, numbers: RefreshNumbers): Schedule {
  const lifetimeMs = input.expiresAt - input.now;
  const floorMs = input.exclusive ? numbers.exclusiveFloorMs : numbers.floorMs;
  const before = (ms: number): EpochMs => epoch(input.expiresAt - ms);
  return {
    issuedAt: input.now,
    expiresAt: input.expiresAt,
    renewAt: before(leadMs(lifetimeMs, input.draw, numbers)),
    shortAt: before(Math.min(numbers.softMs, lifetimeMs / 3)),
    spentAt: before(Math.min(floorMs, lifetimeMs / 10)),
  };
}

export function freshnessOf(schedule: Schedule, now: EpochMs): Freshness {
  if (now >= schedule.spentAt) return 'spent';
  if (now >= schedule.shortAt) return 'short';
  return now >= schedule.renewAt ? 'due' : 'fresh';
}

/** Never more than half the lifetime. */
export function leadMs(lifetimeMs: number, draw: number, numbers: RefreshNumbers): number {
  const range = numbers.lead.find(({ upToMs }) => lifetimeMs <= upToMs) ?? numbers.lead.at(-1);
  if (!range) return lifetimeMs / 2;
  return Math.min(range.minMs + draw * (range.maxMs - range.minMs), lifetimeMs / 2);
}

/** A number in [0, 1) from a text: the same for the same generation, so that a replay is exact (FNV-1a, then mixed). */
export function drawFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Exponential, capped, spread over its upper half. `draw` is uniform in [0, 1). */
export function backoffMs(
  failures: number,
  draw: number,
  range: { readonly firstMs: number; readonly capMs: number },
): number {
  const full = Math.min(range.firstMs * 2 ** Math.max(0, failures - 1), range.capMs);
  return full * (0.5 + draw / 2);
}

/** What the next attempt waits for after a failure, sooner while somebody stands there with nothing. */
export function retryMs(failures: number, draw: number, numbers: RefreshNumbers, empty: boolean): number {
  if (!empty) return backoffMs(failures, draw, numbers.retry);
  const { firstMs, thenMs, capMs } = numbers.emptyRetry;
  return failures <= 1
    ? backoffMs(1, draw, { firstMs, capMs })
    : backoffMs(failures - 1, draw, { firstMs: thenMs, capMs });
}
