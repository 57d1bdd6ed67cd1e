import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok } from '../support/fake-upstream.ts';
import { type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

/** Credentials for `dev` out of the checkout "t-1", and for `staging` out of the same where it is asked for. */
async function checkedOut(options: TestBrokerOptions = {}): Promise<Parts> {
  const parts = await testBroker({
    stored: (upstream) => upstream.record(hours(12)),
    renewal: 'exclusive',
    ...options,
  });
  await served(parts, 'dev', 't-1');
  return parts;
}

async function served({ get, upstream }: Parts, profile: string, transaction: string): Promise<void> {
  const asked = get(profile);
  await settled();
  upstream.acquires.at(-1)?.answer(ok(upstream.credentials(hours(4), { transaction })));
  await settled();
  expect(told(asked)).toBe('generation 1');
}

const signal = new AbortController().signal;

describe('a checkout that upstream takes back before another one is made', () => {
  it('is handed out no more, whatever becomes of the new one', async () => {
    const parts = await checkedOut();
    const { broker, upstream, checkouts, get } = parts;
    const forced = broker.renew('dev', { holdMs: seconds(10), signal });
    await settled();
    upstream.requests[1]?.wish?.progress({ event: 'checkin.done', detail: 't-1' });
    await settled();
    expect([broker.peek('dev'), checkouts.of('dev')]).toEqual([null, null]);
    upstream.acquires[1]?.answer({ type: 'denied', why: 'needs-justification', detail: 'AS-0001' });
    await expect(forced).rejects.toMatchObject({ code: 'JustificationRequired' });
    const program = get();
    await settled();
    expect(told(program)).toBe('Profile "dev" needs a justification. Run: credbroker checkout dev');
  });

  it('is handed out under no other name either', async () => {
    const parts = await checkedOut();
    await served(parts, 'staging', 't-1');
    await served(parts, 'prod', 't-2');
    const done = parts.broker.checkin('dev');
    await settled();
    parts.upstream.releaseAnswers[0]?.(ok(undefined));
    expect(await done).toBe(true);
    expect([parts.broker.peek('staging'), parts.broker.peek('prod')?.transaction]).toEqual([null, 't-2']);
  });

  it('is nothing that could be given back twice', async () => {
    const { broker } = await testBroker();
    expect(await broker.checkin('dev')).toBe(false);
  });
});

describe('a checkout that nobody asks for', () => {
  async function idle(idleMs: number | null): Promise<Parts> {
    const parts = await testBroker({ stored: (upstream) => upstream.record(hours(12)), renewal: 'exclusive' });
    parts.upstream.idleMs = idleMs;
    await served(parts, 'dev', 't-1');
    return parts;
  }
  const beatFor = async ({ broker, clock }: Parts, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += seconds(15)) {
      await clock.pass(seconds(15));
      broker.beat();
    }
  };

  it('is given back after the time that the settings give it', async () => {
    const parts = await idle(minutes(30));
    await beatFor(parts, minutes(29));
    expect(parts.upstream.releases).toEqual([]);
    await beatFor(parts, minutes(2));
    expect(parts.upstream.releases.map(({ checkout }) => checkout.transaction)).toEqual(['t-1']);
    expect(parts.broker.peek('dev')).toBeNull();
  });

  it('is kept as long as somebody asks', async () => {
    const parts = await idle(minutes(30));
    for (let hour = 0; hour < 4; hour++) {
      await beatFor(parts, minutes(20));
      expect(parts.broker.peek('dev')).not.toBeNull();
    }
    expect(parts.upstream.releases).toEqual([]);
  });

  it('is kept where the settings say nothing', async () => {
    const parts = await idle(null);
    await beatFor(parts, hours(2));
    expect(parts.upstream.releases).toEqual([]);
  });
});
