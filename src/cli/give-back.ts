/** What both kinds of check-in do alike. */
import { checkoutDirectory, readCheckout, removeCheckout } from './checkout-state.ts';
import type { Context } from './context.ts';
import { clearSection } from './credentials-file.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { say } from './text.ts';

/** How long tenants may take to list what is checked out. */
export const listMs = 30_000;

/** How long another program's edit of the AWS credentials file is waited for. */
const forgetMs = 2_000;

/** Takes away what was written for a name here, where it still stands. Resolves with whether anything was. */
export async function clear(context: Context, name: string): Promise<boolean> {
  const directory = checkoutDirectory(context.env, context.platform);
  const state = await readCheckout(directory, name);
  if (state === null) return false;
  if (await clearSection(context, state)) {
    say(context, `The section "${state.awsProfile}" holds other keys by now and stays`);
  }
  await removeCheckout(directory, name);
  return true;
}

/** What there is to say where nothing was given back. */
export const cleared = (name: string, isServed: boolean): string =>
  isServed
    ? `Cleared ${name}; nothing was left to give back`
    : `Cleared ${name}, which is not served now and ends by itself`;

export const consoleOf = (name: string): string => `the console of ${name}`;

/** Its keys are being revoked, so that nothing may vouch for them any more. Never rejects: the checkout goes on. */
export async function forget(context: Context, name: string): Promise<void> {
  const directory = checkoutDirectory(context.env, context.platform);
  const state = await readCheckout(directory, name);
  if (state === null) return;
  await removeCheckout(directory, name);
  // An interruption ends the checkout, and not this.
  const signals = { ...context.signals, aborted: AbortSignal.timeout(forgetMs) };
  // A section that cannot be changed now is overwritten by the next checkout.
  await clearSection({ ...context, signals }, state).catch(() => {});
}

export async function waited<T>(context: Context, answer: Promise<T>): Promise<T> {
  const progress = openProgress(context);
  const arrived = ifItLasts(context, () => progress.show('Waiting for the check-in …'));
  return answer.finally(() => {
    arrived();
    progress.end();
  });
}
