import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { emulatedIssuer, refusalOf } from '../../support/issuer-client.ts';

const started = async (...[knobs]: Parameters<typeof emulatedIssuer>) => {
  const parts = await emulatedIssuer(knobs);
  parts.emulator.knobs.autoApprove = false;
  const { body } = await parts.client.startDevice();
  const poll = async () => refusalOf(await parts.client.poll(body['device_code']));
  return { ...parts, body, userCode: String(body['user_code']), poll };
};

describe('a device', () => {
  it('is told where a person goes, how long it may wait and how often it may ask', async () => {
    const { body, issuer, userCode } = await started();
    expect(body).toMatchObject({
      verification_uri: `${issuer.url}/device`,
      verification_uri_complete: `${issuer.url}/device?user_code=${userCode}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it('waits for the person, and gets its tokens once', async () => {
    const { poll, issuer, userCode, clock } = await started();
    expect(await poll()).toBe('400 authorization_pending');
    issuer.people.approve(userCode);
    clock.advance(seconds(5));
    expect(await poll()).toBe('200');
    expect(await poll()).toBe('400 invalid_grant');
  });

  it('that asks too fast is told to slow down, by five seconds for good', async () => {
    const { poll, clock } = await started();
    await poll();
    clock.advance(seconds(4));
    expect(await poll()).toBe('400 slow_down');
    clock.advance(seconds(9));
    expect(await poll()).toBe('400 slow_down');
    clock.advance(seconds(15));
    expect(await poll()).toBe('400 authorization_pending');
  });

  it('learns that the person said no', async () => {
    const { poll, issuer, userCode } = await started();
    issuer.people.deny(userCode);
    expect(await poll()).toBe('400 access_denied');
  });

  it('learns that nobody came', async () => {
    const { poll, clock, issuer } = await started();
    clock.advance(minutes(10));
    expect(await poll()).toBe('400 expired_token');
    expect(issuer.people.waitingCodes()).toEqual([]);
  });

  it('is refused under the name of another client', async () => {
    const { client, body, issuer } = await started();
    const as = { client_id: 'confidential', client_secret: issuer.knobs.clients[1]?.clientSecret ?? '' };
    const grant = 'urn:ietf:params:oauth:grant-type:device_code';
    const form = { ...as, grant_type: grant, device_code: String(body['device_code']) };
    expect(refusalOf(await client.post('/token', form))).toBe('400 invalid_grant');
  });

  it('may ask for nothing that its client may not have', async () => {
    const { client } = await emulatedIssuer();
    expect(refusalOf(await client.startDevice({ scope: 'admin' }))).toBe('400 invalid_scope');
  });
});

describe('the page for a device', () => {
  it('takes the code as people type it, and the decision', async () => {
    const { issuer, userCode, poll } = await started();
    const typed = userCode.toLowerCase().replace('-', '');
    const html = await (await fetch(`${issuer.url}/device?user_code=${typed}`)).text();
    expect(html).toContain(userCode);
    expect(html).toContain('<strong>cli</strong>');
    const decide = (user_code: string) =>
      fetch(`${issuer.url}/device`, { method: 'POST', body: new URLSearchParams({ user_code, decision: 'allow' }) });
    expect(await (await decide(userCode)).text()).toContain('Request approved');
    expect(await poll()).toBe('200');
    expect((await decide(userCode)).status).toBe(404);
  });

  it('says when no device waits with a code, and escapes it', async () => {
    const { issuer } = await started();
    const response = await fetch(`${issuer.url}/device?user_code=${encodeURIComponent('<img>')}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('No device waits with the code &lt;img&gt;');
    expect((await fetch(`${issuer.url}/device`)).status).toBe(200);
  });

  it('approves by itself where nobody has to click', async () => {
    const { emulator, issuer, userCode, poll } = await started();
    emulator.knobs.autoApprove = true;
    await fetch(`${issuer.url}/device?user_code=${userCode}`);
    expect(await poll()).toBe('200');
  });
});
