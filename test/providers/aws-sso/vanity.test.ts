import { describe, expect, it } from 'vitest';
import { resolveStartUrl } from '../../../src/providers/aws-sso/vanity.ts';
import { issued, loginRequest, never, registered, SsoWorld } from '../../support/sso-world.ts';

const vanity = 'https://aws.example.com/login';

const resolve = (world: SsoWorld, url: string) =>
  resolveStartUrl({ fetch: world.fetch, clock: world.clock }, url, never);

const redirecting = (to: string, method: 'HEAD' | 'GET' = 'HEAD', world = new SsoWorld()): SsoWorld => {
  world.agent
    .get('https://aws.example.com')
    .intercept({ method, path: '/login' })
    .reply(302, '', { headers: { location: to } });
  return world;
};

describe('a start URL', () => {
  it.each([
    'https://example.awsapps.com/start',
    'https://example.awsapps.cn/start/#',
    'https://ssoins-1.portal.us-east-1.app.aws',
    'https://ssoins-1.us-east-1.portal.amazonaws.com',
    'https://ssoins-1.cn-north-1.portal.amazonaws.com.cn',
    'https://ssoins-1.eusc-de-east-1.portal.amazonaws.eu',
    'https://identitycenter.amazonaws.com/ssoins-1',
    'https://identitycenter.us-gov.amazonaws.com/ssoins-1',
    'http://127.0.0.1:4566/start',
  ])('of AWS or of an emulator is used as it is: %s', async (url) => {
    const world = new SsoWorld();
    expect(await resolve(world, url)).toMatchObject({ type: 'ok', value: { issuerUrl: url, region: null } });
    expect(world.sent).toEqual([]);
  });

  it.each([
    ['https://example.awsapps.com/start', null],
    ['https://my-team-1.portal.eu-west-1.app.aws', 'eu-west-1'],
    ['https://ssoins-1.us-gov-west-1.portal.amazonaws.com', 'us-gov-west-1'],
  ])('case 43: of the company leads to %s', async (target, region) => {
    const world = redirecting(target);
    expect(await resolve(world, vanity)).toMatchObject({ type: 'ok', value: { region } });
    expect(world.sent.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it.each([405, 501])('case 43: is asked with GET where HEAD gets %i', async (status) => {
    const world = redirecting('https://example.awsapps.com/start', 'GET');
    world.agent.get('https://aws.example.com').intercept({ method: 'HEAD', path: '/login' }).reply(status, '');
    expect(await resolve(world, vanity)).toMatchObject({ value: { issuerUrl: 'https://example.awsapps.com/start' } });
  });

  it.each([
    'https://evil.example/start',
    'http://example.awsapps.com/start',
    'https://awsapps.com.evil.example/start',
    'https://evilawsapps.com/start',
    '/login/again',
  ])('case 43: that leads to %s is refused', async (target) => {
    expect(await resolve(redirecting(target), vanity)).toMatchObject({ type: 'denied', why: 'bad-request' });
  });

  it('case 43: of the company must be https', async () => {
    expect(await resolve(new SsoWorld(), 'http://aws.example.com/login')).toMatchObject({ type: 'denied' });
    expect(await resolve(new SsoWorld(), 'not a url')).toMatchObject({ type: 'denied' });
  });

  it.each([
    [200, 'denied'],
    [404, 'denied'],
    [429, 'transient'],
    [503, 'transient'],
    [511, 'transient'],
  ])('whose host answers %i is %s', async (status, type) => {
    const world = new SsoWorld();
    world.agent.get('https://aws.example.com').intercept({ method: 'HEAD', path: '/login' }).reply(status, '');
    expect((await resolve(world, vanity)).type).toBe(type);
  });

  it('case 43: signs in where it leads to, in that region', async () => {
    const world = redirecting('https://ssoins-1.portal.eu-west-1.app.aws/');
    const origin = 'https://oidc.eu-west-1.amazonaws.com';
    const code = { deviceCode: 'd', userCode: 'u', verificationUri: 'https://x.example', expiresIn: 600 };
    world.oidc('/client/register', 200, registered(world.clock), origin);
    world.oidc('/device_authorization', 200, code, origin);
    world.oidc('/token', 200, issued(1), origin);
    const outcome = await world.drive(world.session({ startUrl: vanity }).login(loginRequest('device')));
    expect(outcome).toMatchObject({ type: 'ok', record: { region: 'eu-west-1' } });
    expect(world.sentTo('/device_authorization')[0]?.body).toMatchObject({
      startUrl: 'https://ssoins-1.portal.eu-west-1.app.aws/',
    });
  });
});
