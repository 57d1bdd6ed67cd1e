import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { emulatedTenant, type TenantClient, verdict } from '../../support/tenant-client.ts';

const prove = (client: TenantClient, otp: unknown = '000000') =>
  client.ask('POST', '/api/step-up/authenticate/TOTP', { otp });
const breakGlass = async (client: TenantClient) => verdict(await client.checkOut(client.target('Break Glass')));

describe('a second factor', () => {
  it('can be remembered for a while, for the session that gave it', async () => {
    const { client, stranger, clock } = await emulatedTenant();
    expect(await breakGlass(client)).toBe('403 PE-0028');
    const { body, headers } = await prove(client);
    expect(body).toEqual({ result: 'SUCCEEDED', additionalDetails: {} });
    expect(headers.get('set-cookie')).toBeNull();
    expect(await breakGlass(await stranger.logIn())).toBe('403 PE-0028');
    clock.advance(minutes(15) - 1);
    expect(await breakGlass(client)).toBe('200');
  });

  it('is asked for again when the window is over', async () => {
    const { client, clock } = await emulatedTenant();
    await prove(client);
    clock.advance(minutes(15));
    expect(await breakGlass(client)).toBe('403 PE-0028');
  });

  it('can be a cookie that lives for seconds', async () => {
    const { client, stranger, tenant, clock } = await emulatedTenant({
      stepUp: { remember: 'cookie', maxAgeMs: 5000 },
    });
    tenant.knobs.checkOrder = ['stepUp', 'active'];
    const { headers } = await prove(client);
    const set = headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^britive-step-up=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=5$/);
    const cookie = `other=1; ${set.split(';')[0]}`;
    expect(await breakGlass(client)).toBe('403 PE-0028');
    expect(await breakGlass((await stranger.logIn()).with({ cookie }))).toBe('403 PE-0028');
    clock.advance(seconds(5) - 1);
    expect(await breakGlass(client.with({ cookie }))).toBe('200');
    clock.advance(1);
    expect(await breakGlass(client.with({ cookie }))).toBe('403 PE-0028');
  });

  it.each([
    ['401', '401 AU-0009', undefined],
    ['FAILED', '200', 'FAILED'],
    ['CHALLENGE', '200', 'CHALLENGE'],
  ] as const)('that is wrong is answered %s, and ends no session', async (wrongOtp, said, result) => {
    const { client } = await emulatedTenant({ wrongOtp });
    const reply = await prove(client, '123456');
    expect([verdict(reply), reply.body.result]).toEqual([said, result]);
    expect(await breakGlass(client)).toBe('403 PE-0028');
    expect((await client.ask('POST', '/api/auth/validate')).status).toBe(200);
  });

  it('other than a one-time password belongs into the browser', async () => {
    const { client } = await emulatedTenant();
    const reply = await client.ask('POST', '/api/step-up/authenticate/WEB_AUTHN', { otp: '000000' });
    expect(verdict(reply)).toBe('400 E1000');
  });

  it('is registered, or not', async () => {
    const { client, tenant } = await emulatedTenant();
    const registered = async () => (await client.get('/api/mfa/registrations?onlyAllowed=true')).body;
    expect(await registered()).toEqual([{ factor: 'TOTP', status: 'REGISTERED' }]);
    tenant.knobs.factors = [];
    expect(await registered()).toEqual([]);
  });
});

describe('the tenant', () => {
  it('tells its features, and a banner where it has one', async () => {
    const { client, tenant } = await emulatedTenant();
    expect((await client.get('/api/features')).body).toEqual([{ name: 'server-access', enabled: false }]);
    expect(await client.get('/api/banner')).toMatchObject({ status: 200, text: '' });
    tenant.knobs.banner = { messageType: 'WARNING', message: 'Maintenance at noon' };
    expect((await client.get('/api/banner')).body).toEqual(tenant.knobs.banner);
  });
});
