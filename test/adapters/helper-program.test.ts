import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openHelpers } from '../../src/adapters/helper-program.ts';
import { type AcquireRequest, mono } from '../../src/core/types.ts';
import { processHelpers } from '../../src/providers/process/index.ts';
import { appears } from '../support/appears.ts';
import { FakeClock, seconds, settled } from '../support/fake-clock.ts';
import { fakeProgram, gone, hanging, systemPath } from '../support/fake-program.ts';
import { tempDir } from '../support/temp-dir.ts';

const document = '{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","SessionToken":"session"}';
const ended = { type: 'ended', status: 0, stdout: '', stderr: '' };
const late = { type: 'stopped', why: 'timeout' };

let directory: string;
let clock: FakeClock;
let stop: AbortController;

beforeEach(() => {
  directory = tempDir();
  clock = new FakeClock();
  stop = new AbortController();
  // Whatever a failed test leaves running.
  return () => stop.abort();
});

interface World {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

const runnerIn = ({ env = {}, platform = 'linux' }: World = {}) => {
  const after: FakeClock['after'] = (ms, then) => {
    // As the system's timers do.
    if (ms > seconds(15)) throw new RangeError('too long');
    return clock.after(ms, then);
  };
  return openHelpers({ env: { PATH: `${directory}:${systemPath}`, ...env }, platform, clock, timers: { after } });
};

/** Runs a command that may be the name of a program in the directory. */
const run = (command: string, world?: World) =>
  runnerIn(world)(command, { profile: 'legacy', timeoutMs: seconds(50), signal: stop.signal });

/** Runs a program of this text. */
const runText = (text: string, world?: World) => {
  fakeProgram(directory, 'helper', text);
  return run('helper', world);
};

/** A pipe that programs wait at until it is opened. It is held at both ends, so that nobody waits for a program. */
const gate = (): { readonly path: string; readonly open: () => void } => {
  const path = pathOf('gate');
  execFileSync('mkfifo', [path]);
  const file = openSync(path, 'r+');
  onTestFinished(() => closeSync(file));
  return { path, open: () => writeSync(file, 'go\n') };
};

const pathOf = (name: string): string => join(directory, name);
const numberIn = (name: string): number => Number(readFileSync(pathOf(name), 'utf8'));
/** Text that says a process's number in a file, which is there only whole. */
const noting = (name: string, pid: string): string =>
  `echo ${pid} > '${pathOf(name)}.part'; mv '${pathOf(name)}.part' '${pathOf(name)}'`;

describe.skipIf(process.platform === 'win32')('a helper program', () => {
  it('gets the words of its command, and no shell reads them', async () => {
    fakeProgram(directory, 'my helper', 'printf "%s|" "$@"');
    const end = await run(`"${pathOf('my helper')}" --name 'a  b' $HOME ~ '' "x\\"y" | \\& # end`);
    expect(end).toEqual({ ...ended, stdout: '--name|a  b|$HOME|~||x"y|||&|#|end|' });
  });

  it('ends with its status and with both of its outputs', async () => {
    expect(await runText('echo out; echo err >&2; exit 3')).toEqual({
      type: 'ended',
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('finds nothing on its standard input', async () => {
    expect(await runText('cat; echo done')).toEqual({ ...ended, stdout: 'done\n' });
  });

  it('leads a group of its own', async () => {
    const end = await runText('echo $$; ps -o pgid= -p $$');
    const [pid, group] = end.type === 'ended' ? end.stdout.trim().split(/\s+/) : [];
    expect(group).toBe(pid);
  });

  it('may say much on standard error, of which the end is kept', async () => {
    const end = await runText(`yes "Using a cached session" | head -n 20000 >&2; echo last >&2; echo '${document}'`);
    expect(end).toMatchObject({ ...ended, stdout: `${document}\n`, stderr: expect.stringMatching(/session\nlast\n$/) });
    expect(end.type === 'ended' && end.stderr.length).toBe(65_536);
  });

  it('may print 64 KiB', async () => {
    const end = await runText('head -c 65536 /dev/zero | tr "\\0" x');
    expect(end.type === 'ended' && end.stdout.length).toBe(65_536);
  });

  it.each([
    ['prints more', 'head -c 65537 /dev/zero | tr "\\0" x', 'too much output'],
    ['prints without end', 'yes', 'too much output'],
  ])('fails when it %s', async (_, text, why) => {
    expect(await runText(`${text}; exec sleep 1000`)).toEqual({ type: 'failed', program: 'helper', why });
  });

  it.each([
    ['is not there', 'no-such-helper --x', { program: 'no-such-helper', why: 'ENOENT' }],
    ['is a directory', '/etc', { program: '/etc', why: 'EACCES' }],
    ['is named as for a shell', '~/helper', { program: '~/helper', why: 'ENOENT' }],
    ['has variables in front', 'A=b helper', { program: 'A=b', why: 'ENOENT' }],
    ['has an argument that no system takes', 'true \0', { program: 'true', why: 'ERR_INVALID_ARG_VALUE' }],
    ['has too long an argument', `true ${'x'.repeat(3_000_000)}`, { program: 'true', why: 'E2BIG' }],
    ['has an open quotation', 'helper "x', { program: '', why: 'open quotation' }],
    ['has no words', ' \t', { program: '', why: 'empty command' }],
    ['has an empty name', '"" x', { program: '', why: 'empty command' }],
  ])('fails when it %s', async (_, command, failed) => {
    expect(await run(command)).toEqual({ type: 'failed', ...failed });
  });

  it('is not run on Windows', async () => {
    expect(await run('true', { platform: 'win32' })).toEqual({ type: 'failed', program: 'true', why: 'unsupported' });
  });

  it('is not run for nobody', async () => {
    stop.abort();
    expect(await runText(`echo > '${pathOf('ran')}'`)).toEqual({ type: 'stopped', why: 'aborted' });
    await run('true');
    expect(() => readFileSync(pathOf('ran'))).toThrow('ENOENT');
  });
});

describe.skipIf(process.platform === 'win32')("a helper's environment", () => {
  it("is the daemon's, without credentials and what leads back to us, with a mark", async () => {
    const kept = {
      HOME: '/home/me',
      LANG: 'C',
      AWS_REGION: 'eu-central-1',
      AWS_CONFIG_FILE: '/c',
      AWS_CA_BUNDLE: '/b',
      CREDBROKER_HOME: '/state',
      CREDBROKER_CONFIG: '/config.yaml',
    };
    const gone = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_SECURITY_TOKEN',
      'AWS_CREDENTIAL_EXPIRATION',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_ROLE_ARN',
      'AWS_ROLE_SESSION_NAME',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      'AWS_VAULT',
      'CREDBROKER_PORT',
      'CREDBROKER_PROFILE',
      'CREDBROKER_PASSPHRASE_FILE',
      'CREDBROKER_KEYRING_BACKEND',
      'CREDBROKER_HELPER_FOR',
      'CREDBROKER_HOMES',
    ];
    const env = { ...kept, ...Object.fromEntries(gone.map((name) => [name, 'not for helpers'])) };
    const end = await run('env', { env });
    const lines = end.type === 'ended' ? end.stdout.trim().split('\n') : [];
    const expected = { PATH: `${directory}:${systemPath}`, ...kept, CREDBROKER_HELPER_FOR: 'legacy' };
    expect(Object.fromEntries(lines.map((line) => line.split('=', 2)))).toEqual(expected);
  });
});

describe.skipIf(process.platform === 'win32')('a helper whose time is up', () => {
  it('is asked to end, and may clean up', async () => {
    const end = runText(
      `trap "echo clean > '${pathOf('cleaned')}'; exit 0" TERM; ${noting('pid', '$$')}; sleep 1000 & wait`,
    );
    await appears(pathOf('pid'));
    clock.advance(seconds(49.9));
    expect(process.kill(numberIn('pid'), 0)).toBe(true);
    clock.advance(seconds(0.1));
    expect(await end).toEqual(late);
    expect(readFileSync(pathOf('cleaned'), 'utf8')).toBe('clean\n');
  });

  it('is made to end when it does not listen, with its children', async () => {
    const end = runText(`trap '' TERM; ${noting('pid', '$$')}; sleep 1000 & ${noting('child', '$!')}; wait; wait`);
    await appears(pathOf('child'));
    clock.advance(seconds(50));
    // What is sent while it is ignored leaves no trace, so that there is nothing to wait for.
    clock.advance(seconds(2));
    expect(await end).toEqual(late);
    await Promise.all([gone(numberIn('pid')), gone(numberIn('child'))]);
  });

  it('takes a child along that does not listen, though it does itself', async () => {
    fakeProgram(directory, 'deaf', `trap '' TERM; ${hanging(directory)}`);
    const end = runText(`deaf & wait`);
    await appears(pathOf('pid'));
    clock.advance(seconds(50));
    expect(await end).toEqual(late);
    await gone(numberIn('pid'));
  });

  it('is made to end at once when nobody wants its answer any more', async () => {
    fakeProgram(directory, 'deaf', `trap '' TERM; ${hanging(directory)}`);
    const end = runText(`trap '' TERM; ${noting('parent', '$$')}; deaf & wait`);
    await appears(pathOf('pid'));
    stop.abort();
    expect(await end).toEqual({ type: 'stopped', why: 'aborted' });
    await Promise.all([gone(numberIn('pid')), gone(numberIn('parent'))]);
  });
});

describe.skipIf(process.platform === 'win32')('what a helper leaves running', () => {
  it('is not waited for, and lives on', async ({ signal }) => {
    const { path, open } = gate();
    fakeProgram(directory, 'agent', `${noting('pid', '$$')}; read line < '${path}'; echo > '${pathOf('lives')}'`);
    let hasEnded = false;
    const helper = runText(`agent & echo '${document}'`).finally(() => {
      hasEnded = true;
    });
    await appears(pathOf('pid'));
    // The wait begins with the helper's end, which comes when it comes.
    while (!hasEnded && !signal.aborted) {
      clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await helper).toEqual({ ...ended, stdout: `${document}\n` });
    stop.abort();
    open();
    await appears(pathOf('lives'));
  });

  it('is heard for a moment', async () => {
    const { path, open } = gate();
    fakeProgram(directory, 'tail', `read line < '${path}'; echo '${document}'`);
    const helper = runText(`${noting('pid', '$$')}; tail &`);
    await appears(pathOf('pid'));
    await gone(numberIn('pid'));
    await settled();
    open();
    expect(await helper).toEqual({ ...ended, stdout: `${document}\n` });
  });
});

const asked = (): AcquireRequest => ({ record: null, source: null, checkout: null, wish: null, signal: stop.signal });

describe.skipIf(process.platform === 'win32')('a profile whose helper', () => {
  const acquire = (text: string) => {
    fakeProgram(directory, 'helper', text);
    const lease = processHelpers({ clock, run: runnerIn() }).openProfile({ name: 'legacy', command: 'helper' });
    return { lease, verdict: lease.acquire(asked()) };
  };
  const notJson = 'the helper printed something else than one JSON object';

  it.each([
    ['prints and says nothing', `echo '${document}'`],
    ['is chatty on standard error', `echo 'Assuming role …' >&2; echo '${document}'; echo 'Done' >&2`],
    ['prints in pieces', `printf '{"Version":1,'; printf '%s\\n' '${document.slice(13)}'`],
  ])('%s has credentials', async (_, text) => {
    expect(await acquire(text).verdict).toMatchObject({ type: 'ok', value: { accessKeyId: 'ASIAEXAMPLE' } });
  });

  it.each([
    ['prints twice', `echo '${document}'; echo '${document}'`, notJson],
    ['prints a word before', `echo 'Enter a code:'; echo '${document}'`, notJson],
    ['mixes up its outputs', `{ echo oops >&2; echo '${document}'; } 2>&1`, notJson],
    [
      'fails after it has printed',
      `echo '${document}'; echo 'cannot save ASIAEXAMPLEEXAMPLE1' >&2; exit 1`,
      'the helper ended with status 1 and said "cannot save …"',
    ],
    [
      'asks at the terminal',
      'read code < /dev/tty || exit 9',
      expect.stringMatching(/^the helper ended with status \d/),
    ],
    ['is killed', 'kill -KILL $$', 'the helper was ended by a signal and said nothing'],
  ])('%s is refused', async (_, text, detail) => {
    expect(await acquire(text).verdict).toEqual({ type: 'denied', why: 'bad-request', detail });
  });

  it('is slow is not run unasked again', async () => {
    const { path, open } = gate();
    const { lease, verdict } = acquire(`${noting('pid', '$$')}; read line < '${path}'; echo '${document}'`);
    await appears(pathOf('pid'));
    const before = clock.mono();
    clock.advance(seconds(30));
    open();
    expect([(await verdict).type, lease.prefetch]).toEqual(['ok', false]);
    expect(clock.mono()).toBe(mono(before + seconds(30)));
  });

  it('is too slow is asked again later', async () => {
    const { verdict } = acquire(`trap '' TERM; ${hanging(directory)}`);
    await appears(pathOf('pid'));
    clock.advance(seconds(58));
    expect(await verdict).toMatchObject({ type: 'transient', why: 'timeout' });
    await gone(numberIn('pid'));
  });
});
