import { chmodSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canOpenBrowser, openBrowser } from '../../src/adapters/browser.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A "browser" that writes its arguments and environment to a file. */
const recorder = (name: string) => {
  const directory = tempDir();
  const program = join(directory, name);
  const report = join(directory, 'report.json');
  const script = `require('fs').writeFileSync('${report}.part', JSON.stringify({ args: process.argv.slice(2), env: process.env }));
    require('fs').renameSync('${report}.part', '${report}')`;
  writeFileSync(join(directory, 'program.cjs'), script);
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(directory, 'program.cjs')}" "$@"\n`);
  chmodSync(program, 0o700);
  const called = new Promise<void>((resolve) => {
    const watcher = watch(directory, () => {
      if (!existsSync(report)) return;
      watcher.close();
      resolve();
    });
  });
  return {
    directory,
    program,
    report: async (): Promise<{ args: readonly string[]; env: Readonly<Record<string, string>> }> => {
      await called;
      return JSON.parse(readFileSync(report, 'utf8'));
    },
  };
};

const linux = (env: NodeJS.ProcessEnv) => ({ env, platform: 'linux' as const });

describe('opening a browser', () => {
  it.each([
    ['the address at the end', (program: string) => program, ['https://example.com/a']],
    ['options before it', (program: string) => `${program} --new-window`, ['--new-window', 'https://example.com/a']],
    [
      'the address at %s',
      (program: string) => `'${program}' --url=%s "two words"`,
      ['--url=https://example.com/a', 'two words'],
    ],
  ])('runs BROWSER with %s', async (_, command, expected) => {
    const { program, report } = recorder('firefox');
    expect(await openBrowser('https://example.com/a', linux({ BROWSER: command(program) }))).toBe(true);
    expect((await report()).args).toEqual(expected);
  });

  it('runs xdg-open of the path where there is a display', async () => {
    const { directory, report } = recorder('xdg-open');
    const env = { PATH: `${directory}:/bin:/usr/bin`, DISPLAY: ':99' };
    expect(await openBrowser('https://example.com/?a=b&c=$(id)', linux(env))).toBe(true);
    expect((await report()).args).toEqual(['https://example.com/?a=b&c=$(id)']);
  });

  it('gives the child nothing that would load code into it', async () => {
    const { program, report } = recorder('browser');
    const env = {
      BROWSER: program,
      KEPT: 'yes',
      NODE_OPTIONS: '--inspect',
      NODE_EXTRA_CA_CERTS: '/x',
      LD_PRELOAD: '',
      DYLD_INSERT_LIBRARIES: '/x',
    };
    await openBrowser('https://example.com/', linux(env));
    const seen = Object.keys((await report()).env);
    expect(seen).toContain('KEPT');
    expect(seen.filter((name) => /^(NODE|LD|DYLD)_/.test(name))).toEqual([]);
  });

  it('passes hostile text only in its escaped form, as one argument', async () => {
    const { program, report } = recorder('browser');
    await openBrowser(`https://example.com/"'; touch x #\n --flag`, linux({ BROWSER: `${program} %s` }));
    const { args } = await report();
    expect(args).toHaveLength(1);
    expect(args[0]).toMatch(/^https:\/\/example\.com\/[^\s"]*$/);
  });

  it.each([
    'http://example.com/',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ms-settings:',
    '--version',
    '-https://example.com',
    'https://',
    '',
  ])('does not open %j', async (url) => {
    expect(await openBrowser(url, linux({ BROWSER: '/bin/true' }))).toBe(false);
  });

  it.each([
    'http://127.0.0.1:8080/x',
    'http://localhost/',
    'http://[::1]:9/',
    'http://127.255.0.1/',
    'https://example.com',
  ])('opens %s', async (url) => {
    expect(await openBrowser(url, linux({ BROWSER: '/bin/true' }))).toBe(true);
  });

  it('is false when the program does not exist', async () => {
    expect(await openBrowser('https://example.com', linux({ BROWSER: '/nonexistent/browser' }))).toBe(false);
    expect(await openBrowser('https://example.com', linux({ DISPLAY: ':0', PATH: tempDir() }))).toBe(false);
  });

  it('is false without trying where none can open', async () => {
    const { directory } = recorder('xdg-open');
    expect(await openBrowser('https://example.com', linux({ PATH: directory }))).toBe(false);
  });
});

describe('whether a browser can open', () => {
  it.each([
    ['linux', {}, false],
    ['linux', { DISPLAY: ':0' }, true],
    ['linux', { DISPLAY: '' }, false],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['linux', { DISPLAY: ':10', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, false],
    ['linux', { SSH_TTY: '/dev/pts/0', BROWSER: 'helper' }, true],
    ['linux', { WSL_DISTRO_NAME: 'Debian' }, true],
    ['darwin', {}, true],
    ['darwin', { SSH_TTY: '/dev/ttys0' }, false],
    ['win32', {}, true],
    ['win32', { SSH_CONNECTION: 'x' }, false],
  ] as const)('on %s with %j is %s', (platform, env, expected) => {
    expect(canOpenBrowser(env, platform)).toBe(expected);
  });
});
