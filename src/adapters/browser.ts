/**
 * Opens a sign-in page. No shell is involved, the child's environment is clean, and what is passed on is the address as
 * the URL parser wrote it: it begins with "http", so that it can be no option, and holds no quote and no space.
 */
import { spawn } from 'node:child_process';
import { cleanEnvironment } from './clean-environment.ts';

export interface BrowserHost {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** False when none could be started or the address is not one to open; the caller then shows the address. */
export const openBrowser = async (url: string, host: BrowserHost): Promise<boolean> => {
  const href = openable(url);
  if (href === null || !canOpenBrowser(host.env, host.platform)) return false;
  const command = browserCommand(href, host);
  return command === null ? openWithSystem(href) : start(command, host.env);
};

/** `BROWSER` is the user's word and always counts; without it a display of the user's own is needed. */
export const canOpenBrowser = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean => {
  if (isSet(env['BROWSER'])) return true;
  if (isSet(env['SSH_CONNECTION']) || isSet(env['SSH_TTY'])) return false;
  if (platform === 'darwin' || platform === 'win32') return true;
  return isSet(env['DISPLAY']) || isSet(env['WAYLAND_DISPLAY']) || isWindowsBelow(env);
};

const openable = (url: string): string | null => {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, href } = new URL(url);
  if (protocol === 'https:') return href;
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'http:' && loopback ? href : null;
};

/** Null where the `open` package knows better how: macOS, Windows, and Windows seen from WSL. */
const browserCommand = (href: string, { env, platform }: BrowserHost): readonly string[] | null => {
  const words = splitWords(env['BROWSER'] ?? '');
  if (words.length > 0) {
    const placed = words.map((word) => word.replaceAll('%s', () => href));
    return words.some((word) => word.includes('%s')) ? placed : [...words, href];
  }
  if (platform === 'darwin' || platform === 'win32' || isWindowsBelow(env)) return null;
  return ['xdg-open', href];
};

const start = async ([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> => {
  if (command === undefined) return false;
  const child = spawn(command, args, { detached: true, stdio: 'ignore', env: cleanEnvironment(env) });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
};

const openWithSystem = async (href: string): Promise<boolean> => {
  try {
    // Loaded late: most starts of the program open no browser.
    const { default: open } = await import('open');
    await open(href);
    return true;
  } catch {
    return false;
  }
};

const splitWords = (command: string): readonly string[] =>
  Array.from(
    command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

const isSet = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

const isWindowsBelow = (env: NodeJS.ProcessEnv): boolean => isSet(env['WSL_DISTRO_NAME']);
