import type { Waiting } from './provider.ts';

/** A timer that sleeps with the machine would make a longer wait too long. */
const stepMs = 15_000;

/** Resolves with true after `ms` of wall time, with false when the signal aborts before. */
export const wait = async ({ clock, timers }: Waiting, ms: number, signal: AbortSignal): Promise<boolean> => {
  const until = clock.now() + ms;
  for (let left = ms; left > 0 && !signal.aborted; left = until - clock.now()) {
    const step = Math.min(left, stepMs);
    await new Promise<void>((resolve) => {
      const stop = timers.after(step, () => finish());
      const finish = (): void => {
        stop();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      signal.addEventListener('abort', finish, { once: true });
    });
  }
  return !signal.aborted;
};
