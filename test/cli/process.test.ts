import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromProcess } from '@aws-sdk/credential-providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { statePaths } from '../../config/paths.ts';
import { shellWords } from '../../src/core/shell-words.ts';
import { bundledScript } from '../support/bundled-script.ts';
import type { Transcript } from '../support/cli-world.ts';
import { FakeDaemon, processDocument } from '../support/fake-daemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const source = `
import { writeFileSync } from 'node:fs';
import { main } from './src/cli/main.ts';
import { statePaths } from './config/paths.ts';
import { FakeDaemon } from './test/support/fake-daemon.ts';

const serve = async ({ env, notify }) => {
  if (env.REFUSE_TO_START) throw new Error('Not today');
  if (env.WARN) notify(env.WARN);
  const daemon = await FakeDaemon.listen(statePaths(env, process.platform).socket);
  await new Promise((resolve) => { daemon.onShutdown = resolve; });
  daemon.close();
  // As a daemon does that still writes down its state.
  if (env.LINGER) setTimeout(() => writeFileSync(env.LINGER, ''), 200);
};
void main(process.argv.slice(2), { serve });
`;

const execute = promisify(execFile);

interface Program {
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Without `HOME`, and with an input that never ends. */
  readonly run: (words: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Transcript>;
  readonly daemon: () => Promise<FakeDaemon>;
}

/** The command line as a process of its own, whose daemon is a fake one. */
function program(): Program {
  const script = bundledScript(source);
  const env = { PATH: process.env['PATH'], CREDBROKER_HOME: join(tempDir(), 'state') };
  onTestFinished(() => {
    execFileSync(process.execPath, [script, 'stop'], { env, stdio: 'ignore' });
  });
  return {
    script,
    env,
    run: (words, more = {}) =>
      new Promise((resolve) => {
        const options = { env: { ...env, ...more } };
        const child = execFile(process.execPath, [script, ...words], options, (_, stdout, stderr) =>
          resolve({ status: child.exitCode ?? -1, stdout, stderr }),
        );
      }),
    daemon: async () => {
      const daemon = await FakeDaemon.listen(statePaths(env, process.platform).socket);
      daemon.status = { ...daemon.status, daemon: { ...daemon.status.daemon, pid: 0x7fffffff } };
      onTestFinished(() => daemon.close());
      return daemon;
    },
  };
}

const document = `${JSON.stringify(processDocument)}\n`;

describe('credential-process', () => {
  it('prints one JSON object and a newline, without HOME, terminal or the end of its input', async () => {
    const { run, daemon } = program();
    const { calls } = await daemon();
    expect(await run(['credential-process', 'dev'])).toEqual({ status: 0, stdout: document, stderr: '' });
    expect(calls).toEqual([{ route: 'POST /v1/profiles/dev/checkout', body: { format: 'process' } }]);
  });

  it('works with every standard stream but stdout closed', async () => {
    const { script, env, daemon } = program();
    await daemon();
    const child = spawn('sh', ['-c', 'exec "$0" "$1" credential-process dev <&- 2>&-', process.execPath, script], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) stdout += chunk;
    expect(stdout).toBe(document);
  });

  it('starts the daemon without a word', async () => {
    const { run } = program();
    expect(await run(['credential-process', 'dev'])).toEqual({ status: 0, stdout: document, stderr: '' });
  });

  it('shares one daemon when run twice at once', async () => {
    const { run } = program();
    const both = await Promise.all([run(['credential-process', 'dev']), run(['credential-process', 'dev'])]);
    expect(both.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual([
      [0, document, ''],
      [0, document, ''],
    ]);
  });

  it('keeps stdout empty and stderr to one short line when it fails', async () => {
    const { run, daemon } = program();
    const message = `Session "work" has ended\n${'x'.repeat(10_000)}`;
    (await daemon()).answer('POST /v1/profiles/dev/checkout', {
      status: 403,
      body: { code: 'LoginRequired', message },
    });
    const { status, stdout, stderr } = await run(['credential-process', 'dev']);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^credbroker: Session "work" has ended x+\n$/);
    expect(stderr.length).toBeLessThan(4096);
  });

  it('starts no daemon with --no-start', async () => {
    const { run } = program();
    expect(await run(['credential-process', 'dev', '--no-start'])).toEqual({
      status: 6,
      stdout: '',
      stderr: 'credbroker: The daemon is not running. Run: credbroker start\n',
    });
  });

  it('is one line for a shell and for the SDKs that split words themselves', async () => {
    const { script, env, daemon } = program();
    await daemon();
    const line = `${process.execPath} ${script} credential-process dev`;
    const [command = '', ...words] = shellWords(line) ?? [];
    expect((await execute('sh', ['-c', line], { env })).stdout).toBe(document);
    expect((await execute(command, words, { env })).stdout).toBe(document);
  });

  it('is understood by the JavaScript SDK', async () => {
    const { script, env, daemon } = program();
    const broker = await daemon();
    const Expiration = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const answer = { status: 200, body: { ...processDocument, Expiration } };
    broker.answer('POST /v1/profiles/dev/checkout', answer);
    const directory = tempDir();
    const configFilepath = join(directory, 'config');
    const line = `env CREDBROKER_HOME=${env['CREDBROKER_HOME']} ${process.execPath} ${script} credential-process dev`;
    writeFileSync(configFilepath, `[profile dev]\ncredential_process = ${line}\n`);
    const provider = fromProcess({ profile: 'dev', configFilepath, filepath: join(directory, 'none') });
    expect(await provider()).toMatchObject({
      accessKeyId: processDocument.AccessKeyId,
      secretAccessKey: processDocument.SecretAccessKey,
      sessionToken: processDocument.SessionToken,
      expiration: new Date(Expiration),
    });
  });
});

describe('start and stop', () => {
  it('start a daemon that outlives the command, find it again, and end it', async () => {
    const { run, env } = program();
    const first = await run(['start']);
    expect(first).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^The daemon runs now at http:\/\/127\.0\.0\.1:9911, process \d+\n$/),
    });
    const second = await run(['start']);
    expect(second.stderr).toBe(first.stderr.replace('runs now', 'was running already'));
    expect(await run(['stop'])).toEqual({ status: 0, stdout: '', stderr: 'The daemon has stopped\n' });
    expect(existsSync(statePaths(env, process.platform).socket)).toBe(false);
    expect(await run(['stop'])).toEqual({ status: 0, stdout: '', stderr: 'The daemon was not running\n' });
  });

  it('wait until the process has gone, and not just its socket', async () => {
    const { run } = program();
    const LINGER = join(tempDir(), 'lingered');
    await run(['start'], { LINGER });
    await run(['stop']);
    expect(existsSync(LINGER)).toBe(true);
  });

  it('keep the daemon out of what ends the terminal it was started from', async () => {
    const { script, env, run } = program();
    const starting = spawn(process.execPath, [script, 'start'], { env, stdio: 'ignore', detached: true });
    await once(starting, 'exit');
    expect(() => process.kill(-Number(starting.pid), 'SIGKILL')).toThrow('ESRCH');
    expect((await run(['stop'])).stderr).toBe('The daemon has stopped\n');
  });

  it('restart puts another process in its place', async () => {
    const { run } = program();
    const first = await run(['start']);
    const { status, stderr } = await run(['restart']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^The daemon runs now at .*, process \d+\n$/);
    expect(stderr).not.toBe(first.stderr);
  });

  it('show what the daemon warned of', async () => {
    const { run } = program();
    const { stderr } = await run(['start'], { WARN: 'Node 20 is old' });
    expect(stderr).toMatch(/^Node 20 is old\nThe daemon runs now at .*, process \d+\n$/);
  });

  it('say why the daemon did not start and where its log is', async () => {
    const { run, env } = program();
    const { log } = statePaths(env, process.platform);
    expect(await run(['start'], { REFUSE_TO_START: '1' })).toEqual({
      status: 6,
      stdout: '',
      stderr: `credbroker: The daemon did not start: Not today. See: ${log}\n`,
    });
    expect(readFileSync(log, 'utf8')).toBe('credbroker: Not today\n');
  });

  it('let any other command start the daemon, which says so', async () => {
    const { run } = program();
    expect(await run(['logout', 'work'])).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Started the daemon at http://127.0.0.1:9911\nLogged out of "work"\n',
    });
  });

  it('leave a stale socket to the daemon', async () => {
    const { run, env } = program();
    const { socket } = statePaths(env, process.platform);
    await run(['start']);
    await run(['stop']);
    writeFileSync(socket, '');
    onTestFinished(() => rmSync(socket, { force: true }));
    expect((await run(['status', '--no-start'])).status).toBe(6);
  });
});

describe('a reader that has enough', () => {
  it('ends the command without a stack trace', async () => {
    const { script, env } = program();
    // It is gone long before Node has started.
    const { stderr } = await execute('sh', ['-c', '"$0" "$1" config schema | :', process.execPath, script], { env });
    expect(stderr).toBe('');
  });
});
