import { expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok } from '../support/fake-upstream.ts';
import { loginOptions, testBroker } from '../support/test-broker.ts';

/** A session whose refresh is under way when the user begins a sign-in. */
async function signingIn() {
  const parts = await testBroker({ stored: (upstream) => upstream.record(minutes(29)) });
  parts.broker.beat();
  await settled();
  const person = new AbortController();
  const login = parts.broker.login('work', loginOptions({ signal: person.signal }));
  const ended = login.then(
    () => 'signed in',
    (error: Error) => error.message,
  );
  await settled();
  expect([parts.upstream.refreshes.length, parts.upstream.logins.length]).toEqual([1, 1]);
  return { ...parts, ended, giveUp: () => person.abort(new Error('Ctrl-C')) };
}

it('lets a refresh under way go on when the user signs in', async () => {
  const { broker, upstream, store } = await signingIn();
  expect(upstream.refreshes[0]?.signal.aborted).toBe(false);
  const record = upstream.record();
  upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
  await settled();
  expect([store.stored, broker.sessions()[0]?.state]).toEqual([record, 'login-pending']);
});

it('stores what the refresh brings when the user has given up the sign-in before', async () => {
  const { upstream, store, ended, giveUp, sessionState } = await signingIn();
  giveUp();
  expect(await ended).toBe('Ctrl-C');
  const record = upstream.record();
  upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
  await settled();
  expect([store.stored, sessionState()]).toEqual([record, 'active']);
});

it('keeps what the refresh has brought when the user gives up the sign-in after', async () => {
  const { get, upstream, store, ended, giveUp, sessionState } = await signingIn();
  const record = upstream.record();
  upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
  await settled();
  giveUp();
  expect(await ended).toBe('Ctrl-C');
  get();
  await settled();
  expect([store.stored, sessionState(), upstream.acquires[0]?.input]).toEqual([record, 'active', record]);
});

it('lets a sign-in that ends first win over the refresh, whose late answer changes nothing', async () => {
  const { upstream, store, ended } = await signingIn();
  const record = upstream.record();
  upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(1) });
  expect(await ended).toBe('signed in');
  expect(upstream.refreshes[0]?.signal.aborted).toBe(true);
  upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
  await settled();
  expect([store.stored, store.saves.length]).toEqual([record, 1]);
});

it('lets a sign-in win that ends while the tokens of the refresh are being stored', async () => {
  const { upstream, store, ended, sessionState } = await signingIn();
  upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
  const record = upstream.record(hours(2));
  upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(2) });
  expect(await ended).toBe('signed in');
  await settled();
  expect([store.stored, sessionState()]).toEqual([record, 'active']);
});

it('sends a lost refresh again while the sign-in is open', async () => {
  const { clock, upstream } = await signingIn();
  upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
  await clock.pass(seconds(1));
  expect(upstream.refreshes.map(({ input }) => input?.refreshToken)).toEqual(['refresh-1', 'refresh-1']);
});

it('sends a lost refresh again though the sign-in began before its turn came', async () => {
  const { broker, clock, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
  broker.beat();
  await settled();
  upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
  await settled();
  const person = new AbortController();
  const login = broker.login('work', loginOptions({ signal: person.signal }));
  await clock.pass(seconds(1));
  expect(upstream.refreshes).toHaveLength(2);
  person.abort(new Error('Ctrl-C'));
  await expect(login).rejects.toThrow('Ctrl-C');
});
