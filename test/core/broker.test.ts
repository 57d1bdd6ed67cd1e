import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok } from '../support/fake-upstream.ts';
import { settingsWith, ssoProfile, testBroker, warmBroker } from '../support/test-broker.ts';

describe('settings', () => {
  it('names the way out for a profile that does not exist', async () => {
    const { broker } = await testBroker();
    expect(() => broker.peek('nope')).toThrow('No profile "nope". Run: credbroker profiles');
  });

  it('names what there is for a session that does not exist, and the way out', async () => {
    const { broker } = await testBroker();
    const message = 'No session "nope"; there are "work". Run: credbroker status';
    await expect(broker.logout('nope')).rejects.toThrow(message);
  });

  it('keeps the credentials of unchanged profiles when settings are loaded anew', async () => {
    const { broker, upstream } = await warmBroker();
    const profiles = new Map([['dev', ssoProfile('dev', 'work')]]);
    broker.reload(settingsWith({ profiles }));
    expect(broker.peek('dev')?.generation).toBe(1);
    broker.reload(
      settingsWith({ profiles: new Map([['dev', { ...ssoProfile('dev', 'work'), region: 'us-west-2' }]]) }),
    );
    expect(broker.peek('dev')?.generation).toBe(1);
    expect(broker.profiles()[0]?.region).toBe('us-west-2');
    broker.reload(settingsWith({ profiles: new Map([['dev', { ...ssoProfile('dev', 'work'), roleName: 'Admin' }]]) }));
    expect(broker.peek('dev')).toBeNull();
    expect(upstream.acquires).toHaveLength(1);
  });

  it('come into force for what runs already', async () => {
    const { broker, get, clock, upstream } = await testBroker();
    broker.reload(settingsWith({ refresh: { ...defaults.refresh, acquireTimeoutMs: seconds(2) } }));
    get();
    await clock.pass(seconds(2));
    expect(upstream.acquires[0]?.signal.aborted).toBe(true);
  });
});

describe('a session that has left the settings', () => {
  it('sends nothing any more', async () => {
    const { broker, clock, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    broker.reload(settingsWith({ sessions: new Map() }));
    upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
    await clock.pass(minutes(5));
    expect(upstream.refreshes).toHaveLength(1);
  });

  it('still stores the tokens that arrive, for the old ones are spent', async () => {
    const { broker, store, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    void broker.close();
    const record = upstream.record();
    upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
    await settled();
    expect(store.stored).toEqual(record);
  });

  it('answers those who wait for its tokens', async () => {
    const { broker } = await testBroker({ stored: (up) => up.record(0) });
    const roles = broker.errands.catalogue('work', () => {}, new AbortController().signal);
    await settled();
    void broker.close();
    await expect(roles).rejects.toThrow('The daemon is stopping');
  });
});

it('takes what has become shorter-lived as soon as it lasts longer than what is held', async () => {
  const { broker, get, clock, upstream } = await testBroker({ stored: (up) => up.record(hours(24)) });
  get();
  await settled();
  upstream.acquires[0]?.answer(ok(upstream.credentials(hours(12))));
  await clock.pass(hours(11) - minutes(5));
  for (let passed = 0; passed < 30; passed++) {
    get();
    await settled();
    for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
    await clock.pass(minutes(1));
  }
  expect(broker.peek('dev')?.generation).toBe(2);
  expect(upstream.acquires.length).toBeLessThan(6);
});
