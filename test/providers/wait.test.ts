import { describe, expect, it } from 'vitest';
import { wait } from '../../src/providers/wait.ts';
import { FakeClock, minutes, seconds } from '../support/fake-clock.ts';

const waiting = (ms: number, signal = new AbortController().signal) => {
  const clock = new FakeClock();
  const seen: boolean[] = [];
  void wait({ clock, timers: clock }, ms, signal).then((passed) => seen.push(passed));
  return { clock, seen };
};

describe('wait', () => {
  it('ends when the time has passed, and not before', async () => {
    const { clock, seen } = waiting(minutes(10));
    await clock.pass(minutes(10) - 1);
    expect(seen).toEqual([]);
    await clock.pass(1);
    expect(seen).toEqual([true]);
  });

  it('counts the time that the machine slept', async () => {
    const { clock, seen } = waiting(minutes(10));
    clock.sleep(minutes(30));
    await clock.pass(seconds(15));
    expect(seen).toEqual([true]);
  });

  it('ends at once when told to', async () => {
    const controller = new AbortController();
    const { clock, seen } = waiting(minutes(10), controller.signal);
    controller.abort();
    await clock.pass(0);
    expect(seen).toEqual([false]);
  });

  it('does not begin when told so before', async () => {
    const { clock, seen } = waiting(0, AbortSignal.abort());
    await clock.pass(0);
    expect(seen).toEqual([false]);
  });
});
