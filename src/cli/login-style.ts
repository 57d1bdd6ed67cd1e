/** Which way of signing in can work where the command runs. */
import { variable } from '../../config/environment.ts';
import { canOpenBrowser } from '../adapters/browser.ts';
import type { LoginFlow } from '../core/types.ts';
import type { Context } from './context.ts';

export interface LoginChoice {
  readonly deviceCode?: boolean;
  /** False with `--no-browser`. */
  readonly browser: boolean;
}

export interface LoginStyle {
  readonly flow: LoginFlow;
  /** Whether the command opens the sign-in page; a daemon may have no display, or another one. */
  readonly opens: boolean;
}

/** A browser answers on this machine's loopback. Where none can be opened, a person signs in with a code. */
export function loginStyle(choice: LoginChoice, { env, platform, inContainer }: Context): LoginStyle {
  // What looks like a display in a container is seldom one; `BROWSER` is the user's word.
  const here = canOpenBrowser(env, platform) && (!inContainer || variable(env, 'BROWSER') !== null);
  return { flow: choice.deviceCode === true || !here ? 'device' : 'browser', opens: choice.browser && here };
}
