/**
 * Would somebody see a window that opens now? Asked of the system right before an automatic sign-in, within a second.
 * Only what the system says clearly is `away`: locked, idle, or another user in front. Whatever is not known is `unknown`.
 */
import { win32 } from 'node:path';
import type { Timers } from '../core/ports.ts';
import type { Presence } from '../core/types.ts';
import { runShortCommand, withDeadline } from './short-command.ts';

export interface PresenceHost {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly timers: Timers;
}

/** The output of a command, empty where it failed. */
type Ask = (command: string, args: readonly string[]) => Promise<string>;

const deadlineMs = 1_000;
/** Twice what GNOME waits by default before it says idle: reading is not being away. */
const macIdleMs = 10 * 60_000;
const nanosecondsPerMs = 1_000_000;

/** What it returns never rejects. */
export const openPresence =
  ({ env, platform, timers }: PresenceHost): (() => Promise<Presence>) =>
  () =>
    withDeadline(timers, deadlineMs, (signal) => {
      const ask: Ask = async (command, args) => {
        const end = await runShortCommand({ command, args, env, signal });
        return end.type === 'done' ? end.output : '';
      };
      if (platform === 'linux') return askLogind(ask);
      if (platform === 'darwin') return askMac(ask);
      if (platform === 'win32') return askWindows(ask, env['SystemRoot']);
      return Promise.resolve('unknown');
    });

/**
 * All of the user's sessions, not the one of `XDG_SESSION_ID`: a daemon outlives the session it was started in, and one
 * started by systemd never had any.
 */
const askLogind = async (ask: Ask): Promise<Presence> => {
  const uid = process.getuid?.() ?? 0;
  const ids = parseSessionIds(await ask('loginctl', ['show-user', String(uid), '--property=Sessions']));
  if (ids.length === 0) return 'unknown';
  const properties = ['Type', 'State', 'Active', 'LockedHint', 'IdleHint'].map((name) => `--property=${name}`);
  return judgeLogind(await ask('loginctl', ['show-session', ...properties, ...ids]));
};

const askMac = async (ask: Ask): Promise<Presence> => {
  const console = judgeMacConsole(await ask('ioreg', ['-a', '-n', 'Root', '-d', '1']), process.getuid?.() ?? 0);
  if (console !== 'present') return console;
  return judgeMacIdle(await ask('ioreg', ['-r', '-c', 'IOHIDSystem', '-d', '1']));
};

const askWindows = async (ask: Ask, systemRoot = 'C:\\Windows'): Promise<Presence> =>
  judgeWindows(await ask(win32.join(systemRoot, 'System32', 'tasklist.exe'), ['/FO', 'CSV', '/NH']), process.pid);

/** Of `loginctl show-user --property=Sessions`. */
export const parseSessionIds = (output: string): readonly string[] =>
  (/^Sessions=(.*)$/m.exec(output)?.[1] ?? '').split(' ').filter((id) => /^[A-Za-z0-9]+$/.test(id));

/** Of `loginctl show-session`, one block for each session. Text consoles show no window and count for nothing. */
export const judgeLogind = (output: string): Presence => {
  const graphical = output
    .split(/\n\s*\n/)
    .map((block) => new Map(Array.from(block.matchAll(/^(\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value])))
    .filter((session) => /^(x11|wayland|mir)$/.test(session.get('Type') ?? ''))
    .filter((session) => session.get('State') !== 'closing' && session.has('Active'));
  if (graphical.length === 0) return 'unknown';
  const isWatched = (session: ReadonlyMap<string, string>): boolean =>
    session.get('Active') === 'yes' && session.get('LockedHint') !== 'yes' && session.get('IdleHint') !== 'yes';
  return graphical.some(isWatched) ? 'present' : 'away';
};

/** Of `ioreg -a -n Root`: a property list with a dictionary for each user who is signed in at the screen. */
export const judgeMacConsole = (plist: string, uid: number): Presence => {
  const users = /<key>IOConsoleUsers<\/key>\s*<array>(.*?)<\/array>/s.exec(plist)?.[1] ?? '';
  const user = users
    .split('</dict>')
    .find((dictionary) => plistValue(dictionary, 'kCGSSessionUserIDKey') === String(uid));
  if (user === undefined) return 'unknown';
  if (plistValue(user, 'CGSSessionScreenIsLocked') === 'true') return 'away';
  const inFront = plistValue(user, 'kCGSSessionOnConsoleKey');
  if (inFront === null) return 'unknown';
  return inFront === 'true' ? 'present' : 'away';
};

const plistValue = (dictionary: string, key: string): string | null => {
  const [, element, text] = new RegExp(`<key>${key}</key>\\s*<(\\w+)(?:/>|>([^<]*)<)`).exec(dictionary) ?? [];
  return text ?? element ?? null;
};

/** Of `ioreg -c IOHIDSystem`: nanoseconds since the last key or movement. */
export const judgeMacIdle = (output: string): Presence => {
  const [, nanoseconds] = /"HIDIdleTime"\s*=\s*(\d+)/.exec(output) ?? [];
  if (nanoseconds === undefined) return 'present';
  return Number(nanoseconds) / nanosecondsPerMs >= macIdleMs ? 'away' : 'present';
};

/**
 * Of `tasklist /FO CSV /NH`: name, process, session's name, session. The lock screen is the program `LogonUI.exe`; it
 * counts in our own session only, since a remote session leaves the screen of the machine locked.
 */
export const judgeWindows = (output: string, pid: number): Presence => {
  const tasks = Array.from(output.matchAll(/^"([^"]*)","(\d+)","[^"]*","(\d+)"/gm), ([, name, process, session]) => ({
    name: name?.toLowerCase(),
    pid: Number(process),
    session: Number(session),
  }));
  const session = tasks.find((task) => task.pid === pid)?.session ?? 0;
  // Session 0 is that of services, which have no screen.
  if (session === 0) return 'unknown';
  return tasks.some((task) => task.name === 'logonui.exe' && task.session === session) ? 'away' : 'present';
};
