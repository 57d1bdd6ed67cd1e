import { describe, expect, it } from 'vitest';
import { failureOf, reasonOf } from '../../src/core/failure.ts';
import { epoch, type TransientWhy, type Verdict } from '../../src/core/types.ts';

type NotOk = Exclude<Verdict<never>, { type: 'ok' }>;

const who = 'acme.britive-app.com';
const lost = (why: TransientWhy, detail = 'x', retryAfterMs: number | null = null): NotOk => ({
  ...{ type: 'transient', why, detail, retryAfterMs },
});

describe('a failure', () => {
  it.each<[NotOk, string]>([
    [lost('connect'), `${who} could not be reached; it is asked again soon`],
    [lost('dns'), `${who} has a name that did not resolve; it is asked again soon`],
    [lost('5xx'), `${who} answered with an error of its own; it is asked again soon`],
    [lost('timeout'), `${who} did not answer in time; it is asked again soon`],
    [{ type: 'ambiguous', detail: 'reset' }, `${who} did not answer in time; it is asked again soon`],
    [lost('maintenance', 'Back at 10', 59_001), `${who} is in maintenance; it is asked again in 60 s: "Back at 10"`],
    [lost('maintenance', 'Back at 10'), `${who} is in maintenance; it is asked again soon: "Back at 10"`],
    [
      { type: 'not-yet', retryAt: epoch(0) },
      'An earlier checkout of "dev" has not ended yet; ask again in half a minute',
    ],
    [
      { type: 'denied', why: 'forbidden', detail: 'a policy denies access (PE-0002)' },
      `${who} denied access: a policy denies access (PE-0002)`,
    ],
    [
      { type: 'denied', why: 'checkout-failed', detail: 'failed: Role bad quota' },
      'The checkout of "dev" failed: Role bad quota',
    ],
    [{ type: 'denied', why: 'not-approved', detail: 'was rejected' }, 'The approval of "dev" was rejected'],
    [{ type: 'unauthorized', detail: '401' }, `${who} refused the sign-in: 401`],
  ])('names who it was and what comes next: %j', (verdict, message) => {
    expect(failureOf(who, verdict, 'dev').message).toBe(message);
    expect(message.length).toBeLessThanOrEqual(100);
  });

  it.each<[NotOk, string]>([
    [lost('connect'), `${who} could not be reached`],
    [lost('maintenance', 'Back at 10', 60_000), `${who} is in maintenance: "Back at 10"`],
    [{ type: 'denied', why: 'checkout-failed', detail: 'failed: quota' }, 'The checkout failed: quota'],
    [{ type: 'not-yet', retryAt: epoch(0) }, 'An earlier checkout has not ended yet'],
  ])('has a bare reason for who says the rest: %j', (verdict, reason) => {
    expect(reasonOf(who, verdict)).toBe(reason);
  });
});
