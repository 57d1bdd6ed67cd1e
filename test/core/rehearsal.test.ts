import { describe, expect, it } from 'vitest';
import { noHistory } from '../../src/core/login-policy.ts';
import { epoch } from '../../src/core/types.ts';
import { minutes, settled } from '../support/fake-clock.ts';
import { denied, unauthorized } from '../support/fake-upstream.ts';
import { type TestBrokerOptions, testBroker, told, warmBroker } from '../support/test-broker.ts';

const nobody: TestBrokerOptions = { stored: () => null };
const signIn = 'Not signed in to "work". Run: credbroker login work';

/** What was foretold, and what a caller with the same patience then really got. */
async function foretoldAndTrue({ broker, clock, get }: Awaited<ReturnType<typeof testBroker>>) {
  const { caller } = broker.explain('dev');
  const asked = get();
  await settled();
  const atOnce = told(asked);
  await clock.pass(800);
  return { caller, atOnce, inTheEnd: told(asked) };
}

describe('what a caller would get', () => {
  it('is what is held', async () => {
    const { broker } = await warmBroker();
    expect(broker.explain('dev').caller).toEqual({ answer: 'served' });
  });

  it('takes a wait for newer ones where what is held ends soon', async () => {
    const { broker, clock } = await warmBroker();
    clock.advance(minutes(56));
    expect(broker.explain('dev')).toMatchObject({ state: 'short', caller: { answer: 'waits', for: 'upstream' } });
  });

  it('is a wait for the question whether a sign-in is needed', async () => {
    const parts = await testBroker(nobody);
    expect(await foretoldAndTrue(parts)).toEqual({
      caller: { answer: 'waits', for: 'probe' },
      atOnce: 'waiting',
      inTheEnd: 'Session "work" is being refreshed; ask again',
    });
    expect(parts.upstream.probes).toHaveLength(1);
  });

  it('is a wait for the person once the server has refused', async () => {
    const parts = await testBroker(nobody);
    parts.get();
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect(parts.broker.explain('dev').caller).toEqual({ answer: 'waits', for: 'sign-in' });
  });

  it.each<[string, TestBrokerOptions]>([
    ['no window may open by itself', { settings: { login: 'manual' } }],
    [
      'a window was left unanswered',
      { history: { ...noHistory, cooldownUntil: epoch(Date.parse('2026-11-21T10:00Z')) } },
    ],
  ])('is a refusal where %s', async (_, options) => {
    const { caller, inTheEnd } = await foretoldAndTrue(await testBroker({ ...nobody, ...options }));
    expect([caller, inTheEnd]).toEqual([{ answer: 'refused', code: 'LoginRequired', message: signIn }, signIn]);
  });

  it('is a refusal where nobody was there when it was last looked', async () => {
    const parts = await testBroker({ ...nobody, presence: 'away' });
    parts.get();
    await parts.clock.pass(minutes(5));
    const { caller, session } = parts.broker.explain('dev');
    expect(caller).toEqual({ answer: 'refused', code: 'LoginRequired', message: signIn });
    expect(session?.window).toEqual({ heldBack: 'away', until: null, lookedAt: '2026-11-21T09:00:00Z' });
  });

  it('is what upstream denied moments ago', async () => {
    const parts = await testBroker();
    parts.get();
    await settled();
    parts.upstream.acquires[0]?.answer(denied);
    await settled();
    const message = 'example.awsapps.com denied access: No access';
    const { caller, atOnce } = await foretoldAndTrue(parts);
    expect([caller, atOnce]).toEqual([{ answer: 'refused', code: 'AccessDenied', message }, message]);
  });

  it('is found without asking anybody', async () => {
    const parts = await testBroker(nobody);
    parts.broker.explain('dev');
    parts.broker.explain('dev');
    await parts.clock.pass(minutes(1));
    const { acquires, probes, refreshes, logins } = parts.upstream;
    expect([acquires, probes, refreshes, logins, parts.notices]).toEqual([[], [], [], [], []]);
    expect(parts.memos).toHaveLength(1);
  });
});
