/** As many callers as one lease takes, who all come before it has anything: upstream hears of one of them. */
import { expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, transient } from '../support/fake-upstream.ts';
import { type Asked, testBroker, told } from '../support/test-broker.ts';

const crowd = 2_000;

/** Callers of one profile, each with its own connection to hang up. */
const crowdOf = (get: (profile: string, change: { readonly signal: AbortSignal }) => Asked): readonly Caller[] =>
  Array.from({ length: crowd }, () => {
    const connection = new AbortController();
    const asked = get('dev', { signal: connection.signal });
    return { asked, hangUp: () => connection.abort(new Error('hung up')) };
  });

interface Caller {
  readonly asked: Asked;
  readonly hangUp: () => void;
}

const tales = (callers: readonly Asked[]): ReadonlySet<string> => new Set(callers.map(told));

it(`serves ${crowd} cold callers the same generation for one call upstream`, async () => {
  const { get, upstream } = await testBroker();
  const callers = Array.from({ length: crowd }, () => get());
  await settled();
  expect(upstream.acquires).toHaveLength(1);
  expect(tales(callers)).toEqual(new Set(['waiting']));
  upstream.acquires[0]?.answer(ok(upstream.credentials()));
  await settled();
  expect(new Set(callers.map(({ outcome }) => outcome)).size).toBe(1);
  expect(tales(callers)).toEqual(new Set(['generation 1']));
  expect(upstream.acquires).toHaveLength(1);
});

it(`refreshes the session once for ${crowd} cold callers`, async () => {
  const { get, upstream } = await testBroker({ stored: (world) => world.record(-minutes(1)) });
  const callers = Array.from({ length: crowd }, () => get());
  await settled();
  expect([upstream.refreshes.length, upstream.acquires.length]).toEqual([1, 0]);
  upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
  await settled();
  upstream.acquires[0]?.answer(ok(upstream.credentials()));
  await settled();
  expect(tales(callers)).toEqual(new Set(['generation 1']));
  expect([upstream.refreshes.length, upstream.acquires.length]).toEqual([1, 1]);
});

it('tells the one who is too many at once, and nobody else', async () => {
  const { get, upstream } = await testBroker();
  const callers = Array.from({ length: crowd }, () => get());
  const tooMany = get();
  const elsewhere = get('staging');
  await settled();
  expect(tooMany.outcome).toBeInstanceOf(BrokerError);
  expect(tooMany.outcome).toMatchObject({ code: 'Overloaded', message: 'Too many callers wait for "dev"' });
  expect(tales([...callers, elsewhere])).toEqual(new Set(['waiting']));
  for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
  await settled();
  expect(tales([...callers, elsewhere])).toEqual(new Set(['generation 1']));
  expect(upstream.acquires).toHaveLength(2);
});

it('gives the place of one who hangs up to the next', async () => {
  const { get } = await testBroker();
  const callers = crowdOf(get);
  for (const { hangUp } of callers) hangUp();
  const next = Array.from({ length: crowd }, () => get());
  const tooMany = get();
  await settled();
  expect(tales(callers.map(({ asked }) => asked))).toEqual(new Set(['hung up']));
  expect(tales(next)).toEqual(new Set(['waiting']));
  expect(told(tooMany)).toBe('Too many callers wait for "dev"');
});

it('cancels nobody else when callers hang up, the first and the last among them', async () => {
  const { get, upstream } = await testBroker();
  const callers = crowdOf(get);
  await settled();
  const isLeaving = (index: number): boolean => index % 3 === 0 || index === crowd - 1;
  const leaving = callers.filter((_, index) => isLeaving(index));
  const staying = callers.filter((_, index) => !isLeaving(index));
  for (const { hangUp } of leaving) hangUp();
  await settled();
  expect(upstream.acquires.map(({ signal }) => signal.aborted)).toEqual([false]);
  upstream.acquires[0]?.answer(ok(upstream.credentials()));
  await settled();
  expect(tales(leaving.map(({ asked }) => asked))).toEqual(new Set(['hung up']));
  expect(tales(staying.map(({ asked }) => asked))).toEqual(new Set(['generation 1']));
  expect(upstream.acquires).toHaveLength(1);
});

it('keeps what arrives after everybody has hung up', async () => {
  const { get, upstream, broker } = await testBroker();
  const callers = crowdOf(get);
  await settled();
  for (const { hangUp } of callers) hangUp();
  upstream.acquires[0]?.answer(ok(upstream.credentials()));
  await settled();
  expect(broker.peek('dev')?.generation).toBe(1);
  expect(upstream.acquires).toHaveLength(1);
});

it('tells all of them the one failure, and asks once more for all who can wait that long', async () => {
  const { get, upstream, clock } = await testBroker();
  const callers = Array.from({ length: crowd }, () => get());
  await settled();
  upstream.acquires[0]?.answer(transient());
  await settled();
  const hasty = Array.from({ length: crowd }, () => get());
  const patient = Array.from({ length: crowd }, () => get('dev', { holdMs: minutes(1) }));
  await settled();
  expect(tales([...callers, ...hasty])).toEqual(
    new Set(['example.awsapps.com could not be reached; it is asked again soon']),
  );
  expect(tales(patient)).toEqual(new Set(['waiting']));
  expect(upstream.acquires).toHaveLength(1);
  await clock.pass(seconds(2));
  expect(upstream.acquires).toHaveLength(2);
  upstream.acquires[1]?.answer(ok(upstream.credentials()));
  await settled();
  expect(tales(patient)).toEqual(new Set(['generation 1']));
  expect(upstream.acquires).toHaveLength(2);
});
