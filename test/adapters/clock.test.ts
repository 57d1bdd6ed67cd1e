import { describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../src/adapters/clock.ts';

describe('system timers', () => {
  it.each([15_001, 2 ** 31, Number.NaN])('refuse to wait %d ms', (ms) => {
    expect(() => systemTimers().after(ms, () => {})).toThrow(RangeError);
  });

  it('run once, and not at all once cancelled', async () => {
    const timers = systemTimers();
    const ran: string[] = [];
    const cancel = timers.after(0, () => ran.push('cancelled'));
    await new Promise<void>((resolve) => {
      timers.after(1, () => {
        ran.push('kept');
        resolve();
      });
      cancel();
    });
    expect(ran).toEqual(['kept']);
  });
});

describe('the system clock', () => {
  it('starts at the wall clock and moves on', () => {
    const clock = systemClock();
    const before = clock.now();
    expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.mono()).toBeLessThanOrEqual(clock.mono());
  });
});
