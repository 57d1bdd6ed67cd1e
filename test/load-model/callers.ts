/** One caller's request, with the tries its SDK has; and the loop that starts a short process again and again. */
import { type Patience, shortProcess } from './client-clocks.ts';
import type { Measures } from './measures.ts';
import type { Place } from './population.ts';
import type { Answer, Source, World } from './source.ts';

export interface Scene extends World {
  readonly source: Source;
  readonly measures: Measures;
  /** When people go home. */
  readonly workMs: number;
}

export function ask(scene: Scene, profile: number, patience: Patience, answer: Answer): void {
  const { time, source, measures } = scene;
  const attempt = (left: number): void => {
    measures.asked(profile, time.now);
    source.request(profile, patience.holdMs, (set) => {
      if (set || left === 1) return answer(set);
      time.after(patience.pauseMs, () => attempt(left - 1));
    });
  };
  attempt(patience.attempts);
}

export function runLoop(scene: Scene, { profile, firstAt }: Place, everyMs: number): void {
  const { time, workMs } = scene;
  const start = (): void => {
    startProcess(scene, profile);
    if (time.now + everyMs < workMs) time.after(everyMs, start);
  };
  time.after(firstAt, start);
}

/** It has nothing of its own: it works when it is given credentials, and fails otherwise. */
function startProcess(scene: Scene, profile: number): void {
  const { time, upstream, measures } = scene;
  const startedAt = time.now;
  const cold = !upstream.hasIssued(profile);
  measures.started(startedAt);
  ask(scene, profile, shortProcess, (set) => {
    if (!set) measures.startFailed(startedAt, cold);
    if (!set || time.now > startedAt) measures.startWaited(cold);
  });
}
