import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/core/settings.ts';
import { hours, minutes } from '../support/fake-clock.ts';
import { testBroker } from '../support/test-broker.ts';

describe('a session that cannot be refreshed', () => {
  const withLife = (lifeMs: number, settings: Partial<Settings> = {}) =>
    testBroker({ stored: (upstream) => upstream.record(lifeMs, { refreshToken: null }), settings });

  it('asks nothing of anybody until its end is near', async () => {
    const { broker, clock } = await withLife(hours(8));
    const [session] = broker.sessions();
    expect(session).toMatchObject({
      ...{ state: 'active', refreshable: false, next: 'Asks for a sign-in when it ends', nextRefreshAt: null },
    });
    await clock.pass(hours(8) - minutes(30) - 1);
    expect(broker.sessions()[0]?.state).toBe('active');
    await clock.pass(1);
    expect(broker.sessions()[0]).toMatchObject({
      ...{ state: 'expiring', next: 'Cannot be refreshed. Before it ends, run: credbroker login work' },
    });
  });

  it('says what to run where no window opens by itself', async () => {
    const { broker } = await withLife(hours(8), { login: 'manual' });
    expect(broker.sessions()[0]?.next).toBe('When it ends, run: credbroker login work');
  });
});
