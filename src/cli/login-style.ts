/** Which way of signing in can work where the command runs. */
import type { LoginBody } from '../core/views.ts';
import type { Context } from './context.ts';

export interface LoginChoice {
  readonly deviceCode?: boolean;
  /** False with `--no-browser`. */
  readonly browser: boolean;
}

/**
 * A browser answers on this machine's loopback, so it has to run here. From elsewhere a person signs in with a code.
 * `BROWSER` opens a page even over SSH, where it usually forwards to the person's own machine.
 */
export function loginStyle(choice: LoginChoice, context: Context): LoginBody {
  const here = hasBrowser(context);
  const opener = (context.env['BROWSER'] ?? '') !== '';
  return {
    flow: choice.deviceCode === true || !here ? 'device' : 'browser',
    openBrowser: choice.browser && (here || opener),
  };
}

function hasBrowser({ env, platform, inContainer }: Context): boolean {
  const set = (name: string) => (env[name] ?? '') !== '';
  if (set('SSH_CONNECTION') || set('SSH_TTY') || inContainer) return false;
  if (platform !== 'linux') return true;
  return set('DISPLAY') || set('WAYLAND_DISPLAY') || set('WSL_DISTRO_NAME') || set('BROWSER');
}
