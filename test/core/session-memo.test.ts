import { describe, expect, it } from 'vitest';
import { noHistory } from '../../src/core/login-policy.ts';
import { noMemo, parseMemo, type SessionMemo } from '../../src/core/session-memo.ts';
import { epoch } from '../../src/core/types.ts';

const full: SessionMemo = {
  history: { signedOut: true, unanswered: [epoch(1), epoch(2)], cooldownUntil: epoch(3), succeededAt: epoch(4) },
  rejected: 'fp:refresh-1',
  intent: { fingerprint: 'fp:refresh-2', at: epoch(5) },
  endsAt: epoch(6),
  forgotten: 'fp:refresh-3',
  remindedAt: epoch(7),
};

describe('what is remembered of a session', () => {
  it.each([
    ['nothing', noMemo],
    ['everything', full],
  ])('comes back from the disk as it was: %s', (_, memo) => {
    expect(parseMemo(JSON.parse(JSON.stringify(memo)))).toEqual(memo);
  });

  it('is nothing where an earlier version did not remember it', () => {
    expect(parseMemo({ history: full.history })).toEqual({ ...noMemo, history: full.history });
    const { signedOut, unanswered } = noHistory;
    expect(parseMemo({ history: { signedOut, unanswered } })).toEqual(noMemo);
  });

  it.each([
    ['rejected', 1],
    ['intent', 'fp:refresh-2'],
    ['intent', { fingerprint: 'fp:refresh-2' }],
    ['intent', { at: 5 }],
    ['endsAt', '2026-11-21'],
    ['forgotten', {}],
    ['remindedAt', true],
  ])('is nothing where %s is %j', (name, value) => {
    expect(parseMemo({ ...full, [name]: value })).toEqual({ ...full, [name]: null });
  });

  it('drops opened windows that have no time', () => {
    const history = { ...full.history, unanswered: [1, null, '2'] };
    expect(parseMemo({ ...full, history }).history.unanswered).toEqual([1]);
  });

  it.each([
    ['nothing', null, 'it is not an object'],
    ['a text', 'memo', 'it is not an object'],
    ['no history', { rejected: null }, 'the history of sign-ins is missing'],
    ['a history of another kind', { history: { signedOut: 'yes', unanswered: [] } }, 'a history is incomplete'],
    ['half a history', { history: { signedOut: false } }, 'a history is incomplete'],
  ])('is refused as %s, which was never saved', (_, value, message) => {
    expect(() => parseMemo(value)).toThrow(message);
  });
});
