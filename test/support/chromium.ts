import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Never in CI, where a test that cannot run fails. */
export const noBrowser = executablePath === undefined && process.env['CI'] !== 'true';

export const inBrowser = `in a real browser${noBrowser ? ' (skipped: no Chromium found)' : ''}`;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
