/** The console of a profile's application, in the browser. Its address is as good as a password, and goes nowhere else. */
import { openBrowser } from '../adapters/browser.ts';
import { BrokerError } from '../core/errors.ts';
import { type Issue, issue } from './checkout-issue.ts';
import type { Context } from './context.ts';
import { loginStyle } from './login-style.ts';
import { shellWord } from './shell-text.ts';
import { say } from './text.ts';

/** Opens it, or prints its address on stdout. */
export async function checkoutConsole(context: Context, wanted: Issue, printsUrl: boolean): Promise<void> {
  const { name } = wanted.profile;
  // Before anything is checked out that nobody could look at.
  if (!printsUrl && !loginStyle({ browser: true }, context).opens) throw noBrowser(name);
  const { document } = await issue(context, wanted);
  const url = addressOf(document['url']);
  if (printsUrl) return context.stdout.write(`${url}\n`);
  if (!(await openBrowser(url, context))) throw noBrowser(name);
  say(context, `Opened the console of ${name} in your browser`);
}

function addressOf(url: unknown): string {
  const href = typeof url === 'string' && URL.canParse(url) ? new URL(url).href : '';
  // An emulated one is on this machine.
  if (/^(https:\/\/|http:\/\/127\.0\.0\.1:)/.test(href)) return href;
  throw new BrokerError('UpstreamMalformed', 'Upstream sent no page to open. Run: credbroker status');
}

const noBrowser = (name: string): BrokerError => {
  const next = `Run: credbroker checkout ${shellWord(name)} --console --print-url`;
  return new BrokerError('Failed', `No browser can be opened here. ${next}`);
};
