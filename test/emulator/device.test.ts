import { describe, expect, it } from 'vitest';
import { emulated } from '../support/emulated.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import { type ClientKeys, deviceGrant, OidcClient } from '../support/oidc-client.ts';

const waiting = async () => {
  const parts = await emulated();
  const client = await parts.oidc.register();
  const { body } = await parts.oidc.startDevice(client);
  const poll = async (as: ClientKeys = client) => {
    const reply = await parts.oidc.token(as, { grantType: deviceGrant, deviceCode: body['deviceCode'] });
    return reply.body['error'] ?? 'tokens';
  };
  return { ...parts, client, body, userCode: String(body['userCode']), poll };
};

describe('StartDeviceAuthorization', () => {
  it('answers with a code for the person, a page and the numbers', async () => {
    const { body, emulator, userCode } = await waiting();
    expect(userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(body).toMatchObject({
      verificationUri: `${emulator.url}/device`,
      verificationUriComplete: `${emulator.url}/device?user_code=${userCode}`,
      expiresIn: 600,
      interval: 5,
    });
    expect(emulator.people.waitingCodes()).toEqual([userCode]);
  });

  it.each(['http://emulated.awsapps.com/start', 'https://example.com/start', 'nonsense'])(
    'refuses the start URL %s',
    async (url) => {
      const { oidc } = await emulated();
      const { status, body } = await oidc.startDevice(await oidc.register(), url);
      expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_request' });
    },
  );

  it('knows the start URL in the home region alone', async () => {
    const { oidc, emulator } = await emulated();
    const elsewhere = new OidcClient(emulator, emulator.endpointsOf('eu-west-1'));
    expect((await elsewhere.startDevice(await oidc.register())).body['error']).toBe('invalid_request');
  });
});

describe('polling for a device', () => {
  it('waits for the person and brings tokens once', async () => {
    const { poll, clock, emulator, userCode } = await waiting();
    expect(await poll()).toBe('authorization_pending');
    clock.advance(seconds(5));
    expect(await poll()).toBe('authorization_pending');
    emulator.people.approve(userCode);
    clock.advance(seconds(5));
    expect(await poll()).toBe('tokens');
    clock.advance(seconds(5));
    expect(await poll()).toBe('invalid_grant');
  });

  it('may ask twice at once, is told to slow down when too fast later, and must then wait five seconds longer', async () => {
    const { poll, clock } = await waiting();
    await poll();
    expect(await poll()).toBe('authorization_pending');
    clock.advance(seconds(4));
    expect(await poll()).toBe('slow_down');
    clock.advance(seconds(5));
    expect(await poll()).toBe('slow_down');
    clock.advance(seconds(15));
    expect(await poll()).toBe('authorization_pending');
  });

  it('ends when the person refuses', async () => {
    const { poll, emulator, userCode } = await waiting();
    emulator.people.deny(userCode);
    expect(await poll()).toBe('access_denied');
    expect(emulator.people.waitingCodes()).toEqual([]);
  });

  it('ends ten minutes after the start', async () => {
    const { poll, clock } = await waiting();
    clock.advance(minutes(10) - 1);
    expect(await poll()).toBe('authorization_pending');
    clock.advance(1);
    expect(await poll()).toBe('expired_token');
  });

  it('ends when the code is made to expire', async () => {
    const { poll, emulator, userCode } = await waiting();
    emulator.people.expireDevice(userCode);
    expect(await poll()).toBe('expired_token');
    expect(() => emulator.people.approve(userCode)).toThrow(`No device waits with the code "${userCode}"`);
  });

  it("is refused for another client's device", async () => {
    const { poll, oidc, emulator, userCode } = await waiting();
    emulator.people.approve(userCode);
    expect(await poll(await oidc.register())).toBe('invalid_grant');
  });

  it('succeeds at the first poll when nobody has to click', async () => {
    const { oidc, emulator } = await emulated({ autoApprove: true });
    const client = await oidc.register();
    const { body } = await oidc.startDevice(client);
    expect(emulator.people.waitingCodes()).toEqual([]);
    const { status } = await oidc.token(client, { grantType: deviceGrant, deviceCode: body['deviceCode'] });
    expect(status).toBe(200);
  });
});
