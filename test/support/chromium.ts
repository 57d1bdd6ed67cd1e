import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Never in CI, where a test that cannot run fails. */
export const noBrowser = executablePath === undefined && process.env['CI'] !== 'true';

export const inBrowser = `in a real browser${noBrowser ? ' (skipped: no Chromium found)' : ''}`;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

interface Opened {
  readonly page: Page;
  /** What the browser complained about: a style or a form that the policy blocks. */
  readonly complaints: readonly string[];
}

/** Without JavaScript. */
export async function openPage(browser: Browser, url: string): Promise<Opened> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url);
  return { page, complaints };
}
