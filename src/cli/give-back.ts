/** What both kinds of check-in do alike. */
import { checkoutDirectory, readCheckout, removeCheckout } from './checkout-state.ts';
import type { Context } from './context.ts';
import { clearSection } from './credentials-file.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { say } from './text.ts';

/** How long tenants may take to list what is checked out. */
export const listMs = 30_000;

/** Takes away what was written for a name here, where it still stands. */
export async function clear(context: Context, name: string): Promise<void> {
  const directory = checkoutDirectory(context.env, context.platform);
  const state = await readCheckout(directory, name);
  if (state === null) return;
  if (await clearSection(context, state)) {
    say(context, `The section "${state.awsProfile}" holds other keys by now and stays`);
  }
  await removeCheckout(directory, name);
}

export async function waited<T>(context: Context, answer: Promise<T>): Promise<T> {
  const progress = openProgress(context);
  const arrived = ifItLasts(context, () => progress.show('Waiting for the check-in …'));
  return answer.finally(() => {
    arrived();
    progress.end();
  });
}
