/**
 * Effective wall time: a wall clock that is set back does not bring expired credentials back to life, and one that
 * jumps forward is believed, because that is what sleep looks like.
 */
import type { Clock } from '../core/ports.ts';
import type { EpochMs, MonoMs, ServerMs } from '../core/types.ts';
import { epoch, mono } from '../core/types.ts';

export interface ClockReaders {
  /** Milliseconds since the epoch as the system has it, whatever the user did to it. */
  readonly wall: () => number;
  /** Milliseconds that never run backwards; may stand still while the machine sleeps. */
  readonly mono: () => number;
}

/** A wall clock this far behind the monotonic one was set back; less is adjustment by the time service. */
const setBackMs = 1_000;
/** A difference to the server below this is network and rounding: HTTP dates have whole seconds. */
const anchorToleranceMs = 2_000;

/** `now` never decreases but for `anchor`: the server's word is the one thing that outranks what we believed. */
export class EffectiveClock implements Clock {
  readonly #readers: ClockReaders;
  #wall: number;
  #mono: number;
  #effective: number;
  #shown: number;
  #anchored = 0;

  constructor(readers: ClockReaders) {
    this.#readers = readers;
    this.#wall = readers.wall();
    this.#mono = readers.mono();
    this.#effective = this.#wall;
    this.#shown = this.#wall;
  }

  now(): EpochMs {
    const wall = this.#readers.wall();
    const monotonic = this.#readers.mono();
    this.#effective += effectiveStep(wall - this.#wall, monotonic - this.#mono);
    this.#wall = wall;
    this.#mono = monotonic;
    // A small step back is followed, yet not shown: the clock stands still until time has caught up.
    this.#shown = Math.max(this.#shown, this.#effective);
    return epoch(this.#shown);
  }

  mono(): MonoMs {
    return mono(this.#readers.mono());
  }

  anchored(): number {
    return this.#anchored;
  }

  anchor(server: ServerMs, rttMs: number): void {
    if (!Number.isFinite(server) || !(rttMs >= 0)) return;
    const now = this.now();
    const serverNow = serverTimeFor(now, server, rttMs);
    if (Math.abs(now - serverNow) <= anchorToleranceMs) return;
    this.#anchored += serverNow - now;
    this.#effective = serverNow;
    this.#shown = serverNow;
  }
}

/** The date may be from anywhere within the round trip: a quick answer tells the time, a slow one no more than bounds. */
const serverTimeFor = (now: number, server: number, rttMs: number): number =>
  rttMs < anchorToleranceMs ? server + rttMs / 2 : Math.min(Math.max(now, server), server + 1_000 + rttMs);

/** How far effective time moves for a step of the wall clock and of the monotonic clock; milliseconds. */
export const effectiveStep = (wallStep: number, monoStep: number): number =>
  wallStep < monoStep - setBackMs ? monoStep : wallStep;
