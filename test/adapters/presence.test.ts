import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  judgeLogind,
  judgeMacConsole,
  judgeMacIdle,
  judgeWindows,
  openPresence,
  parseSessionIds,
} from '../../src/adapters/presence.ts';
import { appears } from '../support/appears.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { fakeProgram, gone, hanging, systemPath } from '../support/fake-program.ts';
import { tempDir } from '../support/temp-dir.ts';

const uid = process.getuid?.() ?? 0;

/** A session as `loginctl show-session` prints it. */
const session = (changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ Type: 'wayland', Active: 'yes', State: 'active', IdleHint: 'no', LockedHint: 'no', ...changes })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const desk = session();
const locked = session({ LockedHint: 'yes' });
const switchedAway = session({ Active: 'no', State: 'online' });
const terminal = session({ Type: 'tty' });

describe('the answer of loginctl', () => {
  it.each([
    ['an unlocked desktop', desk, 'present'],
    ['a locked one', locked, 'away'],
    ['an idle one', session({ IdleHint: 'yes' }), 'away'],
    ['one behind that of another user', switchedAway, 'away'],
    ['an unlocked one under X11', session({ Type: 'x11' }), 'present'],
    ['an old system without a hint for locks', session().replace('LockedHint=no\n', ''), 'present'],
    ['a text console', terminal, 'unknown'],
    ['a session that is over but holds processes', session({ Active: 'no', State: 'closing' }), 'unknown'],
    ['a locked desktop beside an open terminal', `${terminal}\n${locked}`, 'away'],
    ['two desktops, one of them watched', `${locked}\n${desk}`, 'present'],
    ['two desktops, none of them watched', `${locked}\n${switchedAway}`, 'away'],
    ['a desktop that says nothing more', 'Type=x11\n', 'unknown'],
    ['nothing', '', 'unknown'],
    ['garbage', 'Failed to connect to bus: Host is down\nActive=\n\n=\n', 'unknown'],
  ])('for %s', (_, output, presence) => {
    expect(judgeLogind(output)).toBe(presence);
  });

  it.each([
    ['Sessions=2 c5 17\n', ['2', 'c5', '17']],
    ['Sessions=\n', []],
    ['', []],
    ['Sessions=--help 3 $(id) ../x\n', ['3']],
  ])('names the sessions in %j', (output, ids) => {
    expect(parseSessionIds(output)).toEqual(ids);
  });
});

interface ConsoleUser {
  readonly uid: number;
  readonly locked?: boolean;
  readonly inFront?: boolean;
}

const consoleUser = (user: ConsoleUser): string => `
		<dict>
${user.locked === undefined ? '' : `\t\t\t<key>CGSSessionScreenIsLocked</key>\n\t\t\t<${user.locked}/>`}
			<key>CGSSessionScreenLockedTime</key>
			<integer>1795251900</integer>
			<key>kCGSSessionGroupIDKey</key>
			<integer>20</integer>
${user.inFront === undefined ? '' : `\t\t\t<key>kCGSSessionOnConsoleKey</key>\n\t\t\t<${user.inFront}/>`}
			<key>kCGSSessionUserIDKey</key>
			<integer>${user.uid}</integer>
			<key>kCGSSessionUserNameKey</key>
			<string>a &lt;/dict&gt; &amp; b</string>
		</dict>`;

const plist = (...users: readonly ConsoleUser[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>IOConsoleLocked</key>
	<false/>
	<key>IOConsoleUsers</key>
	<array>${users.map(consoleUser).join('')}
	</array>
	<key>IOKitDiagnostics</key>
	<dict>
		<key>Classes</key>
		<dict/>
	</dict>
</dict>
</plist>`;

describe('the answer of ioreg', () => {
  it.each([
    ['an unlocked screen', plist({ uid: 501, inFront: true }), 'present'],
    ['one unlocked after a lock', plist({ uid: 501, inFront: true, locked: false }), 'present'],
    ['a locked one', plist({ uid: 501, inFront: true, locked: true }), 'away'],
    ['a user behind another', plist({ uid: 501, inFront: false }, { uid: 502, inFront: true }), 'away'],
    [
      'another, locked, behind the user',
      plist({ uid: 502, inFront: false, locked: true }, { uid: 501, inFront: true }),
      'present',
    ],
    ['a user whose place is not told', plist({ uid: 501 }), 'unknown'],
    ['other users only', plist({ uid: 502, inFront: true }), 'unknown'],
    ['the login window', plist(), 'unknown'],
    ['garbage', '<key>IOConsoleUsers</key><array><dict><key>', 'unknown'],
    ['nothing', '', 'unknown'],
  ])('for %s', (_, output, presence) => {
    expect(judgeMacConsole(output, 501)).toBe(presence);
  });

  it.each([
    ['"HIDIdleTime" = 599999999999', 'present'],
    ['"HIDIdleTime" = 600000000000', 'away'],
    ['"HIDIdleTime"=1234567890', 'present'],
    ['"HIDIdleTime" = soon', 'present'],
    ['', 'present'],
  ])('calls a user with %j %s', (line, presence) => {
    expect(judgeMacIdle(`+-o IOHIDSystem  <class IOHIDSystem>\n    {\n      ${line}\n    }\n`)).toBe(presence);
  });
});

const tasks = (...rows: readonly (readonly [name: string, pid: number, session: number])[]): string =>
  rows
    .map(
      ([name, pid, number]) =>
        `"${name}","${pid}","${number === 1 ? 'Console' : 'Services'}","${number}","44,120 K"\r\n`,
    )
    .join('');

describe('the answer of tasklist', () => {
  it.each([
    ['an unlocked screen', tasks(['csrss.exe', 600, 1], ['node.exe', 4242, 1]), 'present'],
    ['a locked one', tasks(['LogonUI.exe', 900, 1], ['node.exe', 4242, 1]), 'away'],
    ['a lock screen in another session', tasks(['LogonUI.exe', 900, 1], ['node.exe', 4242, 2]), 'present'],
    ['a service', tasks(['LogonUI.exe', 900, 1], ['node.exe', 4242, 0]), 'unknown'],
    ['a list without us', tasks(['LogonUI.exe', 900, 1], ['node.exe', 42, 1]), 'unknown'],
    ['an error', 'ERROR: Access denied\r\n', 'unknown'],
  ])('for %s', (_, output, presence) => {
    expect(judgeWindows(output, 4242)).toBe(presence);
  });
});

/** A system with these programs and a clock of our own. */
const host = (platform: NodeJS.Platform, programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) => {
  const directory = tempDir();
  for (const [name, text] of Object.entries(programs)) fakeProgram(directory, name, text);
  const clock = new FakeClock();
  const whole = { PATH: `${directory}:${systemPath}`, ...env };
  return { directory, clock, env: whole, presence: openPresence({ env: whole, platform, timers: clock }) };
};

const loginctl = (sessions: string): string => {
  const file = join(tempDir(), 'sessions');
  writeFileSync(file, sessions);
  const properties = '--property=Type --property=State --property=Active --property=LockedHint --property=IdleHint';
  return `case "$*" in
    'show-user ${uid} --property=Sessions') echo "Sessions=2 c5" ;;
    'show-session ${properties} 2 c5') cat '${file}' ;;
    *) exit 1 ;;
  esac`;
};

const pidIn = (directory: string): number => Number(readFileSync(join(directory, 'pid'), 'utf8'));

describe.skipIf(process.platform === 'win32')('whether the user is there', () => {
  it.each([
    [`${terminal}\n${desk}`, 'present'],
    [`${terminal}\n${locked}`, 'away'],
    [terminal, 'unknown'],
  ])('is asked of loginctl for all sessions of the user (%#)', async (sessions, expected) => {
    expect(await host('linux', { loginctl: loginctl(sessions) }).presence()).toBe(expected);
  });

  it.each([
    ['prints garbage', `printf 'Sessions=2\\nType=\\0\\377x11\\nActive=no'`],
    ['fails at the first question', 'echo Sessions=2; echo Type=x11; echo Active=no; exit 1'],
    ['fails at the second', '[ $1 = show-user ] && exec echo Sessions=2; echo Type=x11; echo Active=no; exit 1'],
    ['knows no session', 'echo Sessions='],
    ['never stops talking', 'exec yes Sessions=2'],
  ])('is not known where loginctl %s', async (_, text) => {
    expect(await host('linux', { loginctl: text }).presence()).toBe('unknown');
  });

  it('is not known where loginctl is missing', async () => {
    expect(await host('linux', {}, { PATH: tempDir() }).presence()).toBe('unknown');
  });

  it('is not known after a second without an answer, and no process stays', async () => {
    const { directory, clock, presence } = host('linux', {});
    fakeProgram(directory, 'loginctl', hanging(directory));
    let answer: string | null = null;
    const asked = presence().then((value) => {
      answer = value;
    });
    await appears(join(directory, 'pid'));
    clock.advance(999);
    await settled();
    expect(answer).toBeNull();
    clock.advance(1);
    await asked;
    expect(answer).toBe('unknown');
    await gone(pidIn(directory));
  });

  it('has one second for both questions', async () => {
    const { directory, clock, presence } = host('linux', {});
    const second = `[ "$1" = show-user ] && { echo Sessions=2; exit; }; ${hanging(directory)}`;
    fakeProgram(directory, 'loginctl', second);
    const asked = presence();
    await appears(join(directory, 'pid'));
    clock.advance(1_000);
    expect(await asked).toBe('unknown');
    await gone(pidIn(directory));
  });

  it('leaves no timer behind', async () => {
    const timers = new Set<() => void>();
    const after = (_: number, run: () => void) => {
      timers.add(run);
      return () => void timers.delete(run);
    };
    const { env } = host('linux', { loginctl: loginctl(desk) });
    expect(await openPresence({ env, platform: 'linux', timers: { after } })()).toBe('present');
    expect(timers.size).toBe(0);
  });

  it.each([
    ['present', plist({ uid, inFront: true }), 3],
    ['away', plist({ uid, inFront: true }), 700],
    ['away', plist({ uid, inFront: true, locked: true }), 3],
  ])('is "%s" on macOS by what ioreg says (%#)', async (expected, users, idleSeconds) => {
    const file = join(tempDir(), 'plist');
    writeFileSync(file, users);
    const ioreg = `case "$*" in
      *Root*) cat '${file}' ;;
      *IOHIDSystem*) echo '      "HIDIdleTime" = ${idleSeconds}000000000' ;;
    esac`;
    expect(await host('darwin', { ioreg }).presence()).toBe(expected);
  });

  it.each([
    ['away', 'LogonUI.exe'],
    ['present', 'explorer.exe'],
  ])('is "%s" on Windows while "%s" runs beside us', async (expected, name) => {
    // Here it is a file of that whole name, on the PATH.
    const tasklist = `echo '"node.exe","${process.pid}","Console","1","9 K"'; echo '"${name}","77","Console","1","9 K"'`;
    const { presence } = host('win32', { 'D:\\Win\\System32\\tasklist.exe': tasklist }, { SystemRoot: 'D:\\Win' });
    expect(await presence()).toBe(expected);
  });

  it('is not known on other systems', async () => {
    expect(await host('freebsd', { loginctl: loginctl(locked) }).presence()).toBe('unknown');
  });
});
