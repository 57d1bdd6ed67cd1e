import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { inBrowser, launchBrowser, noBrowser, openPage } from '../../support/chromium.ts';
import { emulatedIssuer } from '../../support/issuer-client.ts';

/** A client that waits for its browser: the URL to open, and what comes back to its own port. */
const waitingClient = async () => {
  const parts = await emulatedIssuer();
  parts.emulator.knobs.autoApprove = false;
  const listener = createServer((_request, response) => response.end('<!doctype html><title>Back</title>'));
  const callback = once(listener, 'request').then(([request]) => new URL(request.url, 'http://127.0.0.1').searchParams);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const redirect_uri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/oauth/callback`;
  const { url } = await parts.client.visit({ redirect_uri });
  return { ...parts, url, callback };
};

describe.skipIf(noBrowser)(inBrowser, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  const open = (url: string) => openPage(browser, url);

  it('comes back to the client with a code when the person allows by keyboard', async () => {
    const { url, callback } = await waitingClient();
    const { page, complaints } = await open(url);
    expect(await page.getByRole('heading', { name: 'Allow cli?' }).count()).toBe(1);
    expect(await page.getByRole('listitem').allTextContents()).toEqual(['openid', 'offline_access']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(Object.fromEntries(await callback)).toMatchObject({ code: expect.any(String), state: 's t&te' });
    expect(complaints).toEqual([]);
  });

  it('lets a person type the code and deny the device', async () => {
    const { issuer, client } = await waitingClient();
    const { body } = await client.startDevice();
    const { page } = await open(`${issuer.url}/device`);
    await page.getByLabel('Code').fill('aaaa-aaaa');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('No device waits with the code aaaa-aaaa').waitFor();
    await page.getByLabel('Code').fill(String(body['user_code']).toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Request denied').waitFor();
    expect((await client.poll(body['device_code'])).body['error']).toBe('access_denied');
  });
});
