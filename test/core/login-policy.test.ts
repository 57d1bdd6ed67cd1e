import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { afterDecline, afterOpening, afterSuccess, noHistory, whyNot } from '../../src/core/login-policy.ts';
import { epoch } from '../../src/core/types.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';

const numbers = defaults.refresh.login;
const start = epoch(Date.parse('2026-11-21T09:00:00Z'));
const mayOpen = (...input: Parameters<typeof whyNot>): boolean => whyNot(...input) === null;
const later = (ms: number) => epoch(start + ms);

describe('a window may open by itself', () => {
  it('when nothing has happened yet', () => {
    expect(mayOpen(noHistory, start, numbers)).toBe(true);
  });

  it('never after a sign-out', () => {
    expect(mayOpen({ ...noHistory, signedOut: true }, later(hours(1_000)), numbers)).toBe(false);
  });

  it('after pauses of 30 minutes, 2 hours and then the rest of the day when nobody answers', () => {
    const opened: number[] = [];
    let history = noHistory;
    for (let minute = 0; minute < 60 * 24; minute++) {
      const now = later(minutes(minute));
      if (!mayOpen(history, now, numbers)) continue;
      history = afterOpening(history, now, numbers);
      opened.push(minute);
    }
    expect(opened).toEqual([0, 30, 150]);
    expect(mayOpen(history, later(hours(24) + 1), numbers)).toBe(true);
  });

  it('two hours after one that was declined', () => {
    const history = afterDecline(noHistory, start, numbers);
    expect([mayOpen(history, later(hours(2) - 1), numbers), mayOpen(history, later(hours(2)), numbers)]).toEqual([
      false,
      true,
    ]);
  });

  it('a minute after a sign-in, and not before', () => {
    const history = afterSuccess(start);
    expect([mayOpen(history, later(seconds(60) - 1), numbers), mayOpen(history, later(seconds(60)), numbers)]).toEqual([
      false,
      true,
    ]);
  });
});
