import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDesktopNotify, plainText } from '../../src/adapters/desktop-notify.ts';
import { appears } from '../support/appears.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { fakeProgram, gone, hanging, systemPath } from '../support/fake-program.ts';
import { Program } from '../support/program.ts';
import { recordingLog } from '../support/quiet-log.ts';
import { requireTools } from '../support/required.ts';
import { busConfig } from '../support/session-bus.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Recorded {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Text of a program that writes its arguments, environment and standard input down. */
const recording = (directory: string, name: string): string => `cd '${directory}'
  printf '%s\\0' "$@" > args.${name}; env -0 > env.${name}; cat > input.${name}; mv args.${name} ${name}.called`;

const recorded = async (directory: string, name: string): Promise<Recorded> => {
  await appears(join(directory, `${name}.called`));
  expect(readFileSync(join(directory, `input.${name}`), 'utf8')).toBe('');
  const lines = (file: string): readonly string[] =>
    readFileSync(join(directory, file), 'utf8').split('\0').slice(0, -1);
  const pairs = lines(`env.${name}`).map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  return { args: lines(`${name}.called`), env: Object.fromEntries(pairs) };
};

const desktop = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = { DISPLAY: ':0' }) => {
  const directory = tempDir();
  const [clock, log] = [new FakeClock(), recordingLog()];
  const notify = openDesktopNotify({
    env: { PATH: `${directory}:${systemPath}`, ...env },
    platform,
    timers: clock,
    log,
  });
  return { directory, clock, log, notify };
};

const hostile = [
  '--help',
  '-e',
  '--',
  '$(touch x)',
  '`touch x`',
  '"; beep',
  `'; touch x; '`,
  'a\\nb \\033[2J \\',
  '%s%n $env:PATH "& calc"',
  '</text><b>&amp;',
  '名前 🗝',
];

describe('the text of a notification', () => {
  it.each([
    ['Session "work" ends soon', 'Session "work" ends soon'],
    ['two\nlines\r\n\tand a tab', 'two lines and a tab'],
    ['\u001b[31mred\u0007\u009b2J\u0000', '[31mred 2J'],
    ['\u202eevil\u2066 \u2028line', 'evil line'],
    ['broken \ud83d pair', 'broken pair'],
    ['  --help  ', '--help'],
    ['1234567890', '1234567890'],
    ['12345678901', '123456789…'],
    ['🗝'.repeat(11), `${'🗝'.repeat(9)}…`],
    ['\n', ''],
  ])('for %j is %j', (text, plain) => {
    const longest = text.startsWith('1') || text.startsWith('🗝') ? 10 : 100;
    expect(plainText(text, longest)).toBe(plain);
  });
});

describe.runIf(process.platform === 'linux')('a notification on Linux', () => {
  it.each(hostile)('reaches notify-send as text where it says %j', async (text) => {
    const { directory, notify } = desktop('linux');
    fakeProgram(directory, 'notify-send', recording(directory, 'notify-send'));
    notify(text, text);
    const { args } = await recorded(directory, 'notify-send');
    const escaped = text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\\', '\\\\');
    expect(args).toEqual(['--app-name=credbroker', '--', text, escaped]);
  });

  it('goes out with gdbus where notify-send is missing', async () => {
    const { directory, notify } = desktop('linux');
    fakeProgram(directory, 'gdbus', recording(directory, 'gdbus'));
    notify('-x "quoted" \\', "it's <b>");
    const { args } = await recorded(directory, 'gdbus');
    expect(args.slice(0, 2)).toEqual(['call', '--session']);
    expect(args.slice(5)).toEqual([
      '"credbroker"',
      'uint32 0',
      '""',
      '"-x \\"quoted\\" \\\\"',
      '"it\'s &lt;b&gt;"',
      '@as []',
      '@a{sv} {}',
      'int32 -1',
    ]);
  });

  it('is bounded, whatever the length of a name', async () => {
    const { directory, notify } = desktop('linux');
    fakeProgram(directory, 'notify-send', recording(directory, 'notify-send'));
    notify('n'.repeat(5_000_000), 'm'.repeat(5_000_000));
    const { args } = await recorded(directory, 'notify-send');
    expect(args.slice(2).map((text) => text.length)).toEqual([100, 400]);
  });

  it('has a title in any case', async () => {
    const { directory, notify } = desktop('linux');
    fakeProgram(directory, 'notify-send', recording(directory, 'notify-send'));
    notify('\n', 'body');
    expect((await recorded(directory, 'notify-send')).args.slice(2)).toEqual(['credbroker', 'body']);
  });

  it('gives the program nothing that would load code into it', async () => {
    const { directory, notify } = desktop('linux', { WAYLAND_DISPLAY: 'w', LD_PRELOAD: '', NODE_OPTIONS: '--inspect' });
    fakeProgram(directory, 'notify-send', recording(directory, 'notify-send'));
    notify('title', 'body');
    const names = Object.keys((await recorded(directory, 'notify-send')).env);
    expect(names).toContain('WAYLAND_DISPLAY');
    expect(names.filter((name) => /^(NODE|LD)_/.test(name))).toEqual([]);
  });

  it.each([{}, { DISPLAY: '', WAYLAND_DISPLAY: '', DBUS_SESSION_BUS_ADDRESS: '' }])(
    'is a line in the debug log where there is no desktop (%j)',
    async (env) => {
      const { directory, log, notify } = desktop('linux', env);
      fakeProgram(directory, 'notify-send', `touch '${directory}/ran'`);
      notify('title', 'body');
      await settled();
      expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
        ['debug', 'There is no desktop to show a notification on'],
      ]);
      expect(existsSync(join(directory, 'ran'))).toBe(false);
    },
  );

  it('that no program can show is two lines in the debug log, and the next one is tried again', async () => {
    const { log, notify } = desktop('linux', { DISPLAY: ':0', PATH: '/nonexistent' });
    notify('title', 'body');
    while (log.lines.length < 2) await settled();
    expect(log.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['debug', { command: 'notify-send', detail: 'ENOENT' }],
      ['debug', { command: 'gdbus', detail: 'ENOENT' }],
    ]);
    await settled();
    notify('title', 'body');
    while (log.lines.length < 4) await settled();
  });

  it('does not wait, and of a burst the last one is shown', async () => {
    const { directory, notify } = desktop('linux');
    const gate = join(directory, 'gate');
    execFileSync('mkfifo', [gate]);
    const text = `echo "$3" >> '${directory}/calls'; touch '${directory}/began.'"$3"; read line < '${gate}'`;
    fakeProgram(directory, 'notify-send', text);
    fakeProgram(directory, 'gdbus', `touch '${directory}/ran'`);
    const open = (): void => writeFileSync(gate, 'go\n');
    notify('1', '');
    await appears(join(directory, 'began.1'));
    for (const title of ['2', '3', '4']) notify(title, '');
    open();
    await appears(join(directory, 'began.4'));
    notify('5', '');
    open();
    await appears(join(directory, 'began.5'));
    open();
    expect(readFileSync(join(directory, 'calls'), 'utf8')).toBe('1\n4\n5\n');
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('is given up after ten seconds, without a process left and without another program tried', async () => {
    const { directory, clock, log, notify } = desktop('linux');
    fakeProgram(directory, 'notify-send', hanging(directory));
    fakeProgram(directory, 'gdbus', `touch '${directory}/ran'`);
    notify('title', 'body');
    await appears(join(directory, 'pid'));
    clock.advance(9_999);
    await settled();
    expect(log.lines).toEqual([]);
    clock.advance(1);
    await gone(Number(readFileSync(join(directory, 'pid'), 'utf8')));
    await settled();
    expect(log.lines.map(({ fields }) => fields['detail'])).toEqual(['late', 'late']);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('a notification elsewhere', () => {
  it.each(hostile)('on macOS is an argument of a fixed script where it says %j', async (text) => {
    const { directory, notify } = desktop('darwin', {});
    fakeProgram(directory, 'osascript', recording(directory, 'osascript'));
    notify(text, text);
    const { args } = await recorded(directory, 'osascript');
    expect(args).toEqual([
      '-e',
      'on run argv',
      '-e',
      'display notification (item 3 of argv) with title (item 2 of argv)',
      '-e',
      'end run',
      'credbroker',
      text,
      text,
    ]);
  });

  it.each(hostile)('on Windows is a variable beside a fixed script where it says %j', async (text) => {
    const shown = async (body: string): Promise<Recorded> => {
      const { directory, notify } = desktop('win32', { SystemRoot: 'D:\\Win' });
      // Here it is a file of that whole name, on the PATH.
      const program = 'D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
      fakeProgram(directory, program, recording(directory, 'powershell'));
      notify(body, body);
      return recorded(directory, 'powershell');
    };
    const { args, env } = await shown(text);
    expect([env['CREDBROKER_NOTICE_TITLE'], env['CREDBROKER_NOTICE_BODY']]).toEqual([text, text]);
    expect(args).toEqual((await shown('another')).args);
    expect(args.slice(0, 3)).toEqual(['-NoProfile', '-NonInteractive', '-EncodedCommand']);
    const script = Buffer.from(args[3] ?? '', 'base64').toString('utf16le');
    expect(script).toContain('CreateTextNode($env:CREDBROKER_NOTICE_TITLE)');
    expect(script).toContain('CreateTextNode($env:CREDBROKER_NOTICE_BODY)');
  });
});

/** A bus without any service: what is sent is seen by the monitor, and answered with an error. */
const monitoredBus = async (): Promise<{ readonly address: string; readonly monitor: Program }> => {
  const file = join(tempDir(), 'bus.conf');
  writeFileSync(file, busConfig);
  const daemon = ['dbus-daemon', `--config-file=${file}`, '--nofork', '--nopidfile', '--print-address=1'];
  const [address] = await new Program(daemon, { PATH: systemPath }).says(/unix:\S+/);
  const monitor = new Program(['dbus-monitor', '--address', address, "member='Notify'"], { PATH: systemPath });
  // It has left the bus to listen.
  await monitor.says(/member=NameLost/);
  return { address, monitor };
};

describe.runIf(process.platform === 'linux')('a notification on a real bus', () => {
  it.for([
    ['Session "work" ends soon', 'Run: credbroker login work'],
    ['--help', `'; "\\' $(x) \\`],
    ['"], "x", ["', '%s {} @as [] 名前 🗝'],
  ] as const)('with "%s" and "%s" is one Notify call of gdbus with that text', async ([title, body], context) => {
    requireTools(context, ['dbus-daemon', 'dbus-monitor', 'gdbus']);
    const { address, monitor } = await monitoredBus();
    const directory = tempDir();
    symlinkSync(execFileSync('sh', ['-c', 'command -v gdbus'], { encoding: 'utf8' }).trim(), join(directory, 'gdbus'));
    const env = { PATH: directory, DBUS_SESSION_BUS_ADDRESS: address };
    openDesktopNotify({ env, platform: 'linux', timers: new FakeClock(), log: recordingLog() })(title, body);
    await monitor.says(/int32 -1/);
    const strings = Array.from(monitor.stdout.matchAll(/^ {3}string "(.*)"$/gm), ([, text]) => text);
    expect(strings.slice(-4)).toEqual(['credbroker', '', title, body]);
  });
});
