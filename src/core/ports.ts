/** The outside world as the core is given it. */
import type { Cancel, EpochMs, MonoMs, ServerMs } from './types.ts';

export interface Clock {
  /** Effective wall time: never runs backwards, follows sleep, re-anchored by server dates. */
  readonly now: () => EpochMs;
  readonly mono: () => MonoMs;
  /** A server said what time it is; `rttMs` is how long its answer took. */
  readonly anchor: (server: ServerMs, rttMs: number) => void;
  /** How far servers have set our clock in all, milliseconds. */
  readonly anchored: () => number;
}

/** One-shot timers. Waits beyond 15 s are made of several, because long timers drift across a suspend. */
export interface Timers {
  readonly after: (ms: number, run: () => void) => Cancel;
}

export interface Log {
  readonly debug: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** What the core keeps across restarts beside tokens. `save` returns once it is on disk; what happens otherwise is its maker's choice. */
export interface StateFile<T> {
  readonly load: () => T | null;
  readonly save: (value: T) => void;
}
