import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { type LoginHistory, noHistory } from '../../src/core/login-policy.ts';
import { windowView } from '../../src/core/login-window.ts';
import { noMemo } from '../../src/core/session-memo.ts';
import { newSession, type SessionEnv, type SessionState } from '../../src/core/session-state.ts';
import { epoch, mono } from '../../src/core/types.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';

const now = epoch(Date.parse('2026-11-21T09:00:00Z'));

const env: SessionEnv = {
  ...{
    now,
    mono: mono(minutes(10)),
    random: 0.5,
    name: 'work',
    who: 'example.awsapps.com',
    numbers: defaults.refresh,
    loginMode: 'on-demand',
  },
  trustMs: seconds(60),
  refreshLeadMs: () => 0,
  fingerprint: (secret) => secret,
};

const past = (history: Partial<LoginHistory>): SessionState =>
  newSession({ ...noMemo, history: { ...noHistory, ...history } });

const seen = (value: 'present' | 'away', ms: number): Partial<SessionState> => ({
  presence: { at: epoch(now - ms), value },
});

const nothing = { heldBack: null, until: null, lookedAt: null };

describe('a window', () => {
  it('would open where nothing is known against it', () => {
    expect(windowView(past({}), env, true)).toEqual(nothing);
    expect(windowView({ ...past({}), ...seen('present', minutes(1)) }, env, true)).toEqual({
      ...nothing,
      lookedAt: '2026-11-21T08:59:00Z',
    });
  });

  it('is held back by itself for a time after one that nobody answered', () => {
    const cooldownUntil = epoch(now + minutes(30));
    const view = { ...nothing, heldBack: 'cooldown', until: '2026-11-21T09:30:00Z' };
    expect(windowView(past({ cooldownUntil }), env, true)).toEqual(view);
  });

  it('is held back after the third of a day, until the first is a day old', () => {
    const unanswered = [3, 2, 1].map((ago) => epoch(now - hours(ago)));
    const view = { ...nothing, heldBack: 'daily-cap', until: '2026-11-22T06:00:00Z' };
    expect(windowView(past({ unanswered }), env, true)).toEqual(view);
  });

  it('is held back where nobody was there, as far as was last looked', () => {
    const view = { ...nothing, heldBack: 'away', lookedAt: '2026-11-21T08:55:00Z' };
    expect(windowView({ ...past({}), ...seen('away', minutes(5)) }, env, true)).toEqual(view);
  });

  it('is held back by the settings and by a place without a browser, whatever happened before', () => {
    const state = past({ cooldownUntil: epoch(now + minutes(30)) });
    const manual = { ...env, loginMode: 'manual' as const };
    expect(windowView(state, manual, true)).toEqual({ ...nothing, heldBack: 'manual' });
    // The session's runner says `manual` there too.
    expect(windowView(state, manual, false)).toEqual({ ...nothing, heldBack: 'no-browser' });
  });

  it.each(['TOKEN', 'WorkloadToken'] as const)('would bring no other %s', (tokenType) => {
    const token = { accessToken: 'a', expiresAt: epoch(now + hours(1)), refreshToken: null };
    const state = { ...past({}), record: { ...token, client: null, region: null, tokenType, idToken: null } };
    expect(windowView(state, env, true)).toEqual({ ...nothing, heldBack: 'by-token' });
  });

  it('is held back first of all by whoever has signed out', () => {
    expect(windowView(past({ signedOut: true }), env, false)).toEqual({ ...nothing, heldBack: 'signed-out' });
  });
});
