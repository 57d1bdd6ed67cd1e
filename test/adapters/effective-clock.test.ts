import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EffectiveClock, effectiveStep } from '../../src/adapters/effective-clock.ts';
import { serverTime } from '../../src/core/types.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';

const start = Date.parse('2026-03-29T00:30:00.000Z');

/** Two hands that the test moves by itself. */
class Hands {
  wall = start;
  mono = 5_000;
  readonly clock = new EffectiveClock({ wall: () => this.wall, mono: () => this.mono });

  move(wall: number, mono: number): number {
    this.wall += wall;
    this.mono += mono;
    return this.clock.now() - start;
  }
}

describe('effective time', () => {
  it.each([
    ['ordinary running', minutes(1), minutes(1), minutes(1)],
    ['a sleep of eight hours', hours(8), seconds(2), hours(8)],
    ['a sleep of thirty days', hours(720), 0, hours(720)],
    ['a step forward of one hour', hours(1), seconds(1), hours(1)],
    ['a clock set back by one hour', -hours(1), seconds(5), seconds(5)],
    ['a clock set back by ten years', -hours(87_600), minutes(1), minutes(1)],
    ['slewing by half a second', 4_500, 5_000, 4_500],
  ])('follows %s', (_, wallStep, monoStep, expected) => {
    expect(new Hands().move(wallStep, monoStep)).toBe(expected);
  });

  it.each([
    [999, 1_999, 999],
    [998, 1_999, 1_999],
    [1_000, 1_999, 1_000],
  ])('takes a wall step of %i ms against %i ms as %i ms', (wallStep, monoStep, expected) => {
    expect(effectiveStep(wallStep, monoStep)).toBe(expected);
  });

  it('keeps to the pace of the monotonic clock after the wall clock was set back', () => {
    const hands = new Hands();
    hands.move(-hours(1), 0);
    expect(hands.move(minutes(10), minutes(10))).toBe(minutes(10));
  });

  it('stands still during a small step back and goes on where time has caught up', () => {
    const hands = new Hands();
    expect(hands.move(-800, 0)).toBe(0);
    expect(hands.move(500, 500)).toBe(0);
    expect(hands.move(500, 500)).toBe(200);
  });

  it('never decreases, whatever the two clocks do', () => {
    const step = fc.record({
      wall: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: -hours(100), max: hours(100) })),
      mono: fc.oneof(fc.nat(2_000), fc.nat(hours(10))),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const hands = new Hands();
        const shown = steps.map(({ wall, mono }) => hands.move(wall, mono));
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
      }),
    );
  });

  it('never falls behind the monotonic clock by more than the tolerated adjustment of each reading', () => {
    const step = fc.record({ wall: fc.integer({ min: -hours(2), max: hours(2) }), mono: fc.nat(hours(1)) });
    fc.assert(
      fc.property(step, ({ wall, mono }) => {
        expect(new Hands().move(wall, mono)).toBeGreaterThanOrEqual(mono - seconds(1));
      }),
    );
  });
});

describe('anchoring at a server', () => {
  it.each([
    ['ahead of us', hours(1)],
    ['behind us', -hours(1)],
    ['just outside the tolerance', 2_001],
  ])('takes the time of a server %s', (_, offset) => {
    const hands = new Hands();
    hands.clock.anchor(serverTime(start + offset), 0);
    expect(hands.clock.now() - start).toBe(offset);
  });

  it('takes the server date to be half the round trip old', () => {
    const hands = new Hands();
    hands.clock.anchor(serverTime(start + hours(1)), 600);
    expect(hands.clock.now() - start).toBe(hours(1) + 300);
  });

  it.each([
    ['differs by two seconds or less', 2_000, 0],
    ['took long, and may be from any moment since', -seconds(20), 20_000],
    ['took a negative time', hours(1), -1],
    ['is no number', Number.NaN, 0],
  ])('ignores an answer that %s', (_, offset, rtt) => {
    const hands = new Hands();
    hands.clock.anchor(serverTime(start + offset), rtt);
    expect(hands.clock.now() - start).toBe(0);
  });

  it.each([
    ['before the answer was sent', hours(1), hours(1)],
    ['after it arrived', -hours(1), -hours(1) + seconds(21)],
  ])('moves no further than a slow answer proves where our time is %s', (_, offset, moved) => {
    const hands = new Hands();
    hands.clock.anchor(serverTime(start + offset), seconds(20));
    expect(hands.clock.now() - start).toBe(moved);
  });

  it('is within two seconds and the round trip of the server after any answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: -hours(1_000), max: hours(1_000) }), fc.nat(60_000), (offset, rtt) => {
        const hands = new Hands();
        hands.clock.anchor(serverTime(start + offset), rtt);
        expect(Math.abs(hands.clock.now() - start - offset)).toBeLessThanOrEqual(2_000 + rtt);
      }),
    );
  });

  it('undoes a wrong step forward and runs on from there', () => {
    const hands = new Hands();
    hands.move(hours(1), 0);
    hands.clock.anchor(serverTime(start), 0);
    expect(hands.move(minutes(1), minutes(1))).toBe(minutes(1));
  });
});
