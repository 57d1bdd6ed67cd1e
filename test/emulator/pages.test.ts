import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { inBrowser, launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { emulated } from '../support/emulated.ts';
import { deviceGrant, pkce } from '../support/oidc-client.ts';

const headersOf = async (url: string) => Object.fromEntries((await fetch(url)).headers);

const waitingDevice = async (clientName = 'broker-test') => {
  const parts = await emulated();
  const client = await parts.oidc.register({ clientName });
  const { body } = await parts.oidc.startDevice(client);
  const poll = async () => {
    const { body: answer } = await parts.oidc.token(client, { grantType: deviceGrant, deviceCode: body['deviceCode'] });
    return answer['error'] ?? 'tokens';
  };
  return { ...parts, userCode: String(body['userCode']), url: String(body['verificationUriComplete']), poll };
};

/** A client that waits for its browser: the URL to open, and what comes back to its own port. */
const waitingClient = async () => {
  const parts = await emulated();
  const client = await parts.oidc.register();
  const listener = createServer((_request, response) =>
    response.end('<!doctype html><title>Back at the client</title>'),
  );
  const callback = once(listener, 'request').then(([request]) => new URL(request.url, 'http://127.0.0.1').searchParams);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/oauth/callback`,
    state: 'xyz',
    code_challenge_method: 'S256',
    code_challenge: pkce().codeChallenge,
    scopes: 'sso:account:access',
  });
  const url = `${parts.emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC}/authorize?${query}`;
  return { ...parts, url, callback };
};

describe('every page', () => {
  it('runs no script, fits into no frame and is not kept', async () => {
    const { emulator, url } = await waitingDevice();
    for (const page of [url, `${emulator.url}/device`, (await waitingClient()).url]) {
      expect(await headersOf(page)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:\*; base-uri 'none'; frame-ancestors 'none'$/,
        ),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      expect(await (await fetch(page)).text()).not.toContain('<script');
    }
  });

  it("escapes the client's name", async () => {
    const { url } = await waitingDevice('<img src=x onerror=alert(1)>');
    const html = await (await fetch(url)).text();
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});

it('answers a form that is sent twice only once', async () => {
  const { emulator, url } = await waitingClient();
  const html = await (await fetch(url)).text();
  const request = /name="request" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const send = () =>
    fetch(`${emulator.url}/signin`, {
      method: 'POST',
      body: new URLSearchParams({ request, decision: 'allow' }),
      redirect: 'manual',
    });
  expect([(await send()).status, (await send()).status]).toEqual([303, 404]);
});

it('approves by itself where nobody has to click, even a device that began to wait before', async () => {
  const { emulator, url, poll } = await waitingDevice();
  emulator.knobs.autoApprove = true;
  expect(await (await fetch(url)).text()).toContain('Request approved');
  expect(await poll()).toBe('tokens');
});

describe.skipIf(noBrowser)(inBrowser, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  const open = (url: string) => openPage(browser, url);

  it('lets a person compare the code and allow the device by keyboard', async () => {
    const { url, userCode, poll } = await waitingDevice();
    const { page, complaints } = await open(url);
    expect(await page.getByRole('heading', { name: 'Allow broker-test?' }).count()).toBe(1);
    expect(await page.getByText(userCode).count()).toBe(1);
    expect(await page.getByRole('listitem').allTextContents()).toEqual(['sso:account:access']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('The device is signed in').waitFor();
    expect(await poll()).toBe('tokens');
    expect(complaints).toEqual([]);
  });

  it('lets a person type the code and deny the device', async () => {
    const { emulator, userCode, poll } = await waitingDevice();
    const { page } = await open(`${emulator.url}/device`);
    await page.getByLabel('Code').fill('aaaa-aaaa');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('No device waits with the code aaaa-aaaa').waitFor();
    await page.getByLabel('Code').fill(userCode.toLowerCase().replace('-', ''));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Request denied').waitFor();
    expect(await poll()).toBe('access_denied');
  });

  it('comes back to the client with a code when the person allows', async () => {
    const { url, callback } = await waitingClient();
    const { page, complaints } = await open(url);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/oauth\/callback/);
    expect(Object.fromEntries(await callback)).toEqual({ code: expect.any(String), state: 'xyz' });
    expect(complaints).toEqual([]);
  });

  it('comes back to the client with the refusal when the person denies', async () => {
    const { url, callback } = await waitingClient();
    const { page } = await open(url);
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(Object.fromEntries(await callback)).toMatchObject({ error: 'access_denied', state: 'xyz' });
  });
});
