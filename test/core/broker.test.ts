import { describe, expect, it } from 'vitest';
import { settingsWith, ssoProfile, testBroker, warmBroker } from '../support/test-broker.ts';

describe('settings', () => {
  it('names the way out for a profile that does not exist', async () => {
    const { broker } = await testBroker();
    expect(() => broker.peek('nope')).toThrow('No profile "nope". Run: credbroker profiles');
  });

  it('keeps the credentials of unchanged profiles when settings are loaded anew', async () => {
    const { broker, upstream } = await warmBroker();
    const profiles = new Map([['dev', ssoProfile('dev', 'work')]]);
    broker.reload(settingsWith({ profiles }));
    expect(broker.peek('dev')?.generation).toBe(1);
    broker.reload(settingsWith({ profiles: new Map([['dev', { ...ssoProfile('dev', 'work'), roleName: 'Admin' }]]) }));
    expect(broker.peek('dev')).toBeNull();
    expect(upstream.acquires).toHaveLength(1);
  });
});
