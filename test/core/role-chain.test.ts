import { describe, expect, it } from 'vitest';
import type { RoleProfileSettings } from '../../src/core/settings.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, transient, unauthorized } from '../support/fake-upstream.ts';
import { settingsWith, ssoProfile, type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

const role = (name: string, source: string): RoleProfileSettings => ({
  ...{ kind: 'role', name, source, roleArn: `arn:aws:iam::123456789012:role/${name}` },
  ...{ externalId: null, mfaSerial: null, sourceIdentity: null, tags: {}, sessionName: null, durationMs: null },
  ...{ stsEndpoint: null, region: 'eu-west-1', description: null, origin: { file: 'test', line: 1 } },
});

/** `deploy` is assumed with `dev`, and `audit` with `deploy`. */
const profiles = new Map(
  [ssoProfile('dev', 'work'), role('deploy', 'dev'), role('audit', 'deploy')].map((one) => [one.name, one]),
);

const chained = (options: TestBrokerOptions = {}): Promise<Parts> =>
  testBroker({ stored: (upstream) => upstream.record(hours(12)), settings: { profiles }, ...options });

/** Which key each call upstream was made with; null is the session's token. */
const sources = ({ upstream }: Parts) => upstream.requests.map(({ source }) => source?.accessKeyId.slice(-1) ?? null);

/** Answers the last call with credentials that live so long. */
async function answer({ upstream }: Parts, lifeMs: number = hours(1)): Promise<void> {
  upstream.acquires.at(-1)?.answer(ok(upstream.credentials(lifeMs)));
  await settled();
}

async function allHeld(parts: Parts, lives: readonly number[] = [hours(1), hours(1), hours(1)]) {
  const asked = parts.get('audit', { holdMs: seconds(10) });
  await settled();
  for (const life of lives) await answer(parts, life);
  expect(told(asked)).toBe('generation 1');
}

describe('a role that is assumed with another profile', () => {
  it('is asked for with that profile’s credentials, hop by hop', async () => {
    const parts = await chained();
    await allHeld(parts);
    const [, dev, deploy] = sources(parts);
    expect(sources(parts)).toEqual([null, dev, deploy]);
    expect(dev).not.toBe(deploy);
  });

  it('case 54: has only the hop renewed that has ended', async () => {
    const parts = await chained();
    await allHeld(parts, [hours(8), hours(8), minutes(30)]);
    await parts.clock.pass(minutes(31));
    const asked = parts.get('audit', { holdMs: seconds(10) });
    await settled();
    expect(parts.upstream.requests).toHaveLength(4);
    await answer(parts);
    expect(told(asked)).toBe('generation 2');
  });

  it('case 58: has its source renewed once when upstream refuses it, and is asked for again', async () => {
    const parts = await chained();
    await allHeld(parts, [hours(8), hours(8), minutes(30)]);
    await parts.clock.pass(minutes(31));
    const asked = parts.get('audit', { holdMs: seconds(10) });
    await settled();
    parts.upstream.acquires.at(-1)?.answer(unauthorized);
    await settled();
    // `deploy` anew, with what `dev` holds.
    await answer(parts);
    await answer(parts);
    expect([told(asked), parts.upstream.requests.length]).toEqual(['generation 2', 6]);
  });

  it('is refused itself when upstream refuses the renewed source, too', async () => {
    const parts = await chained();
    await allHeld(parts, [hours(8), hours(8), minutes(30)]);
    await parts.clock.pass(minutes(31));
    const asked = parts.get('audit', { holdMs: seconds(10) });
    await settled();
    parts.upstream.acquires.at(-1)?.answer(unauthorized);
    await settled();
    await answer(parts);
    parts.upstream.acquires.at(-1)?.answer(unauthorized);
    await settled();
    expect(told(asked)).toContain('denied access');
    expect(parts.upstream.requests).toHaveLength(6);
  });

  it('tells what its source is refused for', async () => {
    const parts = await chained();
    const asked = parts.get('deploy', { holdMs: seconds(10) });
    await settled();
    parts.upstream.acquires.at(-1)?.answer(denied);
    await settled();
    expect(told(asked)).toContain('denied access: No access');
  });

  it('waits while its source is fetched, and is asked for once for all who wait', async () => {
    const parts = await chained();
    const asked = [parts.get('deploy', { holdMs: seconds(10) }), parts.get('deploy', { holdMs: seconds(10) })];
    await settled();
    expect([asked.map(told), parts.upstream.requests.length]).toEqual([['waiting', 'waiting'], 1]);
    await answer(parts);
    await answer(parts);
    expect([asked.map(told), parts.upstream.requests.length]).toEqual([['generation 1', 'generation 1'], 2]);
  });

  it('goes on being served while its source cannot be renewed', async () => {
    const parts = await chained();
    await allHeld(parts, [minutes(10), minutes(10), hours(8)]);
    await parts.clock.pass(minutes(11));
    const [asked, broken] = [parts.get('audit'), parts.get('deploy')];
    await settled();
    parts.upstream.acquires.at(-1)?.answer(transient());
    await parts.clock.pass(seconds(1));
    expect([told(asked), told(broken)]).toEqual(['generation 1', expect.not.stringContaining('generation')]);
  });

  it('is gone when somebody signs out of what it is made of', async () => {
    const parts = await chained();
    await allHeld(parts);
    await parts.broker.logout('work');
    expect([parts.broker.peek('audit'), parts.broker.peek('deploy'), parts.broker.peek('dev')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('is another one when its source means something else', async () => {
    const parts = await chained();
    await allHeld(parts);
    const changed = new Map([...profiles, ['dev', { ...ssoProfile('dev', 'work'), roleName: 'Other' }]]);
    parts.broker.reload(settingsWith({ profiles: changed }));
    expect(parts.broker.peek('audit')).toBeNull();
  });

  it('is shown with the session that somebody may have to sign in to', async () => {
    const { broker } = await chained();
    expect(broker.profiles().find(({ name }) => name === 'audit')).toMatchObject({
      ...{ session: 'work', accountId: '123456789012', roleName: 'audit', kind: 'aws', state: 'empty' },
    });
    expect(broker.explain('audit').session?.name).toBe('work');
  });
});
