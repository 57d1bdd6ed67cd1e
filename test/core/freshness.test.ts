import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { backoffMs, drawFrom, freshnessOf, leadMs, retryMs, scheduleOf } from '../../src/core/freshness.ts';
import { epoch } from '../../src/core/types.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';

const numbers = defaults.refresh;
const start = epoch(Date.parse('2026-11-21T09:00:00Z'));
const schedule = (lifetimeMs: number, draw = 0, exclusive = false) =>
  scheduleOf({ now: start, expiresAt: epoch(start + lifetimeMs), draw, exclusive }, numbers);

describe('the lead', () => {
  it.each([
    [minutes(12), 0, minutes(6)],
    [minutes(20), 0, minutes(6)],
    [minutes(20), 0.999999, minutes(7)],
    [minutes(20) + 1, 0, minutes(10)],
    [hours(1), 0, minutes(17)],
    [hours(1), 0.999999, minutes(20)],
    [minutes(90) - 1, 0, minutes(17)],
    [minutes(90), 0, minutes(45)],
    [hours(4), 0, minutes(65)],
    [hours(12), 0.999999, minutes(75)],
  ])('of a life of %i ms with draw %d is %i ms', (lifetimeMs, draw, lead) => {
    expect(leadMs(lifetimeMs, draw, numbers)).toBeCloseTo(lead, -2);
  });

  it('never takes more than half of a life, and keeps every boundary in order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: hours(48) }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (life, draw) => {
          const { renewAt, shortAt, spentAt, expiresAt } = schedule(life, draw);
          expect(expiresAt - renewAt).toBeLessThanOrEqual(life / 2);
          expect(shortAt).toBeLessThan(spentAt);
          expect(spentAt).toBeLessThan(expiresAt);
          expect(freshnessOf(schedule(life, draw), start)).toBe('fresh');
        },
      ),
    );
  });
});

describe('freshness of an hour', () => {
  it.each([
    [minutes(20) + 1, 'fresh'],
    [minutes(17), 'due'],
    [minutes(5) + 1, 'due'],
    [minutes(5), 'short'],
    [minutes(1) + 1, 'short'],
    [minutes(1), 'spent'],
    [-1, 'spent'],
  ] as const)('with %i ms left is %s', (left, freshness) => {
    const now = epoch(start + hours(1) - left);
    expect(freshnessOf(schedule(hours(1)), now)).toBe(freshness);
  });

  it('of an exclusive upstream is spent in its last five seconds only', () => {
    const at = (left: number) => freshnessOf(schedule(hours(1), 0, true), epoch(start + hours(1) - left));
    expect([at(seconds(5) + 1), at(seconds(5))]).toEqual(['short', 'spent']);
  });
});

describe('pauses', () => {
  it('double from 10 s to 5 min while something is held', () => {
    const pauses = [1, 2, 3, 6, 20].map((failures) => retryMs(failures, 1, numbers, false));
    expect(pauses).toEqual([10, 20, 40, 300, 300].map(seconds));
  });

  it('start at 2 s and end at 30 s when nothing is held', () => {
    const pauses = [1, 2, 3, 9].map((failures) => retryMs(failures, 1, numbers, true));
    expect(pauses).toEqual([2, 10, 20, 30].map(seconds));
  });

  it('are spread over their upper half', () => {
    expect([0, 0.5, 1].map((draw) => backoffMs(1, draw, numbers.retry))).toEqual([5, 7.5, 10].map(seconds));
  });
});

it('draws the same for the same generation, and evenly over many', () => {
  const draws = Array.from({ length: 10_000 }, (_, i) => drawFrom(`seed/profile-${i % 50}/${i}`));
  expect(drawFrom('seed/dev/1')).toBe(drawFrom('seed/dev/1'));
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  const tenths = Array.from({ length: 10 }, (_, i) => draws.filter((draw) => Math.floor(draw * 10) === i).length);
  expect(Math.min(...tenths)).toBeGreaterThan(850);
  expect(Math.max(...tenths)).toBeLessThan(1_150);
});
