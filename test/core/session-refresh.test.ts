import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, rejected, transient } from '../support/fake-upstream.ts';
import { testBroker, told } from '../support/test-broker.ts';

/** A session 29 minutes from its end, whose refresh is under way. */
async function refreshing() {
  const parts = await testBroker({ stored: (upstream) => upstream.record(minutes(29)) });
  parts.broker.beat();
  await settled();
  expect(parts.upstream.refreshes).toHaveLength(1);
  return parts;
}

type Parts = Awaited<ReturnType<typeof refreshing>>;

/** Beats as the daemon does for so long, and answers every further refresh with this. */
async function beatFor({ broker, clock, upstream }: Parts, ms: number, answer: 'reset' | 'down'): Promise<void> {
  for (let passed = 0; passed < ms; passed += seconds(5)) {
    broker.beat();
    await clock.pass(seconds(5));
    for (const call of upstream.refreshes) {
      call.answer(answer === 'down' ? transient() : { type: 'ambiguous', detail: 'reset' });
    }
  }
}

describe('the refresh of a session', () => {
  it('case 16: ends as a sign-out when the file was deleted meanwhile, and stores nothing', async () => {
    const { broker, get, upstream, store, sessionState } = await refreshing();
    store.stored = null;
    store.saveOutcomes.push({ type: 'gone' });
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect([store.stored, sessionState()]).toEqual([null, 'signed-out']);
    const asked = get();
    await settled();
    expect(told(asked)).toMatch(/igned out.*\. Run: credbroker login work$/);
    broker.beat();
    await settled();
    expect([upstream.refreshes.length, upstream.logins.length]).toEqual([1, 0]);
  });

  it('case 27: goes on without a sign-in when every answer is lost, and the access token serves to its end', async () => {
    const parts = await refreshing();
    const { get, upstream } = parts;
    upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
    await beatFor(parts, minutes(25), 'reset');
    const asked = get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect([told(asked), upstream.logins.length]).toEqual(['generation 1', 0]);
    expect(new Set(upstream.refreshes.map(({ input }) => input?.refreshToken)).size).toBe(1);
    expect(upstream.refreshes.length).toBeLessThan(60);
  });

  it('case 27: takes a refusal after a lost answer for the end of the session, once the access token has ended', async () => {
    const { get, upstream, clock, sessionState } = await refreshing();
    upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
    await clock.pass(seconds(1));
    upstream.refreshes[1]?.answer(rejected);
    await clock.pass(seconds(4));
    expect([sessionState(), upstream.logins.length]).toEqual(['expiring', 0]);
    await clock.pass(minutes(30));
    expect(sessionState()).toBe('login-required');
    get();
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });

  it('case 28: succeeds after two errors of the server, without a sign-in', async () => {
    const parts = await refreshing();
    const { broker, upstream, clock, sessionState } = parts;
    for (let failures = 0; failures < 2; failures++) {
      upstream.refreshes.at(-1)?.answer(transient());
      await clock.pass(seconds(21));
      broker.beat();
      await settled();
    }
    expect(upstream.refreshes).toHaveLength(3);
    upstream.refreshes[2]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect([sessionState(), broker.sessions()[0]?.lastError, upstream.logins.length]).toEqual(['active', null, 0]);
  });

  it('case 30: waits as long as the server says', async () => {
    const parts = await refreshing();
    const { broker, upstream, clock } = parts;
    upstream.refreshes[0]?.answer(transient(minutes(3)));
    await clock.pass(minutes(3) - 1);
    broker.beat();
    await settled();
    expect(upstream.refreshes).toHaveLength(1);
    await clock.pass(2);
    broker.beat();
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });

  it('case 33: says once that the session cannot be refreshed, however often it is looked at', async () => {
    const parts = await refreshing();
    const { upstream, clock, notices } = parts;
    upstream.refreshes[0]?.answer(rejected);
    await clock.pass(seconds(4));
    await beatFor(parts, minutes(20), 'down');
    expect(upstream.refreshes).toHaveLength(1);
    expect(notices.map(({ kind }) => kind)).toEqual(['session-ending']);
  });

  it('defect 5: stores a token of short life with the refresh token that came with it', async () => {
    const { upstream, store } = await refreshing();
    const record = upstream.record(minutes(2));
    upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: minutes(2) }));
    await settled();
    expect(store.stored).toEqual(record);
    expect(upstream.logins).toEqual([]);
  });
});
