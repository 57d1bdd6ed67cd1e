import { describe, expect, it } from 'vitest';
import type { Served } from '../../src/core/api.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { type Asked, testBroker, told, warmBroker } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

/** The user wants new credentials for `dev`. */
function force({ broker }: Parts, holdMs = seconds(120), signal = new AbortController().signal): Asked {
  const asked: { outcome: Served | Error | null } = { outcome: null };
  broker.renew('dev', { holdMs, signal }).then(
    (served) => {
      asked.outcome = served;
    },
    (error: Error) => {
      asked.outcome = error;
    },
  );
  return asked;
}

const forced = ({ upstream }: Parts): readonly boolean[] => upstream.requests.map(({ wish }) => wish?.force ?? false);

describe('a renewal that the user forces', () => {
  it('brings new credentials, however fresh the old ones are', async () => {
    const parts = await warmBroker();
    const asked = force(parts);
    await settled();
    expect(forced(parts)).toEqual([false, true]);
    parts.upstream.acquires[1]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect([told(asked), parts.broker.peek('dev')?.generation]).toEqual(['generation 2', 2]);
  });

  it('brings new credentials even where they do not live as long as the old ones', async () => {
    const parts = await warmBroker(hours(4));
    const asked = force(parts);
    await settled();
    parts.upstream.acquires[1]?.answer(ok(parts.upstream.credentials(hours(1))));
    await settled();
    expect(told(asked)).toBe('generation 2');
  });

  it('lets all others be served with what is held meanwhile', async () => {
    const parts = await warmBroker();
    const asked = force(parts);
    await settled();
    const other = parts.get();
    await settled();
    expect([told(asked), told(other)]).toEqual(['waiting', 'generation 1']);
  });

  it('is made once for all who force it at the same time', async () => {
    const parts = await warmBroker();
    const asked = [force(parts), force(parts)];
    await settled();
    expect(parts.upstream.acquires).toHaveLength(2);
    parts.upstream.acquires[1]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(asked.map(told)).toEqual(['generation 2', 'generation 2']);
  });

  it('can be made again right after the last one', async () => {
    const parts = await warmBroker();
    for (const generation of [2, 3]) {
      const asked = force(parts);
      await settled();
      parts.upstream.acquires.at(-1)?.answer(ok(parts.upstream.credentials()));
      await settled();
      expect(told(asked)).toBe(`generation ${generation}`);
    }
  });

  it.each([
    ['denial', denied, 'example.awsapps.com denied access: No access'],
    ['failure', transient(), 'example.awsapps.com could not be reached; it is asked again soon'],
  ])('tells a %s to the user, while others go on being served', async (_, verdict, message) => {
    const parts = await warmBroker();
    const asked = force(parts, 800);
    await settled();
    parts.upstream.acquires[1]?.answer(verdict);
    await parts.clock.pass(800);
    const other = parts.get();
    await settled();
    expect([told(asked), told(other)]).toEqual([message, 'generation 1']);
  });

  it('tells the user that it takes a sign-in, while others go on being served', async () => {
    const parts = await warmBroker();
    await parts.clock.pass(minutes(2));
    const asked = force(parts);
    await settled();
    parts.upstream.acquires[1]?.answer(unauthorized);
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    parts.upstream.refreshes[0]?.answer(rejected);
    await parts.clock.pass(seconds(4));
    expect(parts.broker.peek('dev')?.generation).toBe(1);
    parts.upstream.logins[0]?.answer({ type: 'declined', detail: 'access_denied' });
    await settled();
    expect(told(asked)).toBe('Session "work" has expired. Run: credbroker login work');
    expect(parts.broker.peek('dev')?.generation).toBe(1);
  });

  it('is made at once though a failure just now keeps others from asking', async () => {
    const parts = await warmBroker();
    await parts.clock.pass(minutes(44));
    parts.broker.peek('dev');
    await settled();
    parts.upstream.acquires[1]?.answer(transient());
    await settled();
    parts.broker.peek('dev');
    await settled();
    expect(parts.upstream.acquires).toHaveLength(2);
    force(parts);
    await settled();
    expect(forced(parts)).toEqual([false, false, true]);
  });

  it('is made at once though access was denied just now', async () => {
    const parts = await testBroker();
    parts.get();
    await settled();
    parts.upstream.acquires[0]?.answer(denied);
    await settled();
    const asked = force(parts);
    await settled();
    expect([told(asked), parts.upstream.acquires.length]).toEqual(['waiting', 2]);
  });

  it('is not answered by the failure of a renewal that was under way before', async () => {
    const parts = await warmBroker();
    await parts.clock.pass(minutes(44));
    parts.broker.peek('dev');
    await settled();
    const asked = force(parts);
    await settled();
    expect(parts.upstream.acquires).toHaveLength(2);
    parts.upstream.acquires[1]?.answer(denied);
    await settled();
    expect([told(asked), forced(parts)]).toEqual(['waiting', [false, false, true]]);
    parts.upstream.acquires[2]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 2');
  });

  it('is still forced when it is tried again after a failure', async () => {
    const parts = await warmBroker();
    const asked = force(parts);
    await settled();
    parts.upstream.acquires[1]?.answer(transient());
    await parts.clock.pass(seconds(10));
    expect([told(asked), forced(parts)]).toEqual(['waiting', [false, true, true]]);
  });

  it('is still forced when upstream has to be left alone for a moment', async () => {
    const parts = await warmBroker();
    parts.get('staging');
    await settled();
    parts.upstream.acquires[1]?.answer(transient(seconds(30)));
    await settled();
    const asked = force(parts);
    await settled();
    expect([told(asked), parts.upstream.acquires.length]).toEqual(['waiting', 2]);
    await parts.clock.pass(seconds(30));
    expect(forced(parts)).toEqual([false, false, true]);
    parts.upstream.acquires[2]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 2');
  });

  it('is not forced any more when the user has left', async () => {
    const parts = await warmBroker();
    await parts.clock.pass(minutes(44));
    parts.broker.peek('dev');
    await settled();
    const person = new AbortController();
    force(parts, seconds(120), person.signal);
    await settled();
    person.abort(new Error('Ctrl-C'));
    parts.upstream.acquires[1]?.answer(transient());
    await parts.clock.pass(minutes(1));
    parts.broker.peek('dev');
    await settled();
    expect(forced(parts)).toEqual([false, false, false]);
  });

  it('is not forced any more when its hold is over', async () => {
    const parts = await warmBroker();
    await parts.clock.pass(minutes(44));
    parts.broker.peek('dev');
    await settled();
    force(parts, seconds(5));
    await parts.clock.pass(seconds(6));
    parts.upstream.acquires[1]?.answer(transient());
    await parts.clock.pass(minutes(1));
    parts.broker.peek('dev');
    await settled();
    expect(forced(parts)).toEqual([false, false, false]);
  });

  it('ends with its hold, and leaves what is held as it was', async () => {
    const parts = await warmBroker();
    const asked = force(parts, seconds(5));
    await parts.clock.pass(seconds(5));
    expect(told(asked)).toBe('Credentials for "dev" are being fetched; ask again');
    expect(parts.broker.peek('dev')?.generation).toBe(1);
  });

  it('brings credentials where nothing is held', async () => {
    const parts = await testBroker();
    const asked = force(parts);
    const other = parts.get();
    await settled();
    parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect([told(asked), told(other), parts.upstream.acquires.length]).toEqual(['generation 1', 'generation 1', 1]);
  });
});
