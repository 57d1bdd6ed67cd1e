import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { watch } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnControlSocket } from '../../src/adapters/control-socket.ts';
import { ownerOf, takeOwnership } from '../../src/adapters/ownership.ts';
import { identityOf } from '../../src/adapters/process-identity.ts';
import { bundledScript } from '../support/bundled-script.ts';
import { requireTool } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

const socketIn = (directory: string): string => join(directory, 'run', 'control.sock');

/** Our own look whether somebody answers hangs up at once, hence the errors that nobody minds. */
const open = async (path: string) => {
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  const control = await listenOnControlSocket(server, path);
  const close = (): void => {
    server.close();
    control.release();
  };
  onTestFinished(close);
  return { server, close };
};

/** Who answers at the socket; empty when nobody does. */
const ask = async (path: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', () => resolve(''));
  });

/** A daemon that says "ready", waits for a line, and then says "owner" or the code of its error. */
const daemonScript = (): string =>
  bundledScript(`
    import { createServer } from 'node:net';
    import { listenOnControlSocket } from './src/adapters/control-socket.ts';
    const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
    process.stdin.once('data', () => {
      listenOnControlSocket(server, process.argv[2] ?? '').then(
        () => process.stdout.write('owner\\n'),
        (cause) => process.stdout.write((cause.code ?? 'unknown') + ' ' + cause.message + '\\n', () => process.exit(1)),
      );
    });
    process.stdout.write('ready\\n');
  `);

interface Racer {
  readonly process: ChildProcess;
  readonly nextLine: () => Promise<string>;
}

const startRacer = async (script: string, path: string): Promise<Racer> => {
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const racer = { process: child, nextLine: async () => String((await lines.next()).value) };
  expect(await racer.nextLine()).toBe('ready');
  return racer;
};

const go = async ({ process: child, nextLine }: Racer): Promise<string> => {
  child.stdin?.write('go\n');
  return nextLine();
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

describe('the control socket', () => {
  it('is private in a private directory, whatever the umask, which stays as it was', async () => {
    const path = socketIn(tempDir());
    const before = process.umask(0o000);
    try {
      await open(path);
      expect(process.umask()).toBe(0o000);
    } finally {
      process.umask(before);
    }
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(lstatSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(await ask(path)).toBe(String(process.pid));
  });

  it('is refused while another server answers there', async () => {
    const path = socketIn(tempDir());
    await open(path);
    await expect(open(path)).rejects.toMatchObject({
      code: 'AlreadyRunning',
      message: `The daemon is already running (pid ${process.pid}). To end it, run: credbroker stop`,
    });
    expect(await ask(path)).toBe(String(process.pid));
  });

  it('is gone after a close, and free for the next', async () => {
    const path = socketIn(tempDir());
    const { close } = await open(path);
    close();
    expect(existsSync(path)).toBe(false);
    await open(path);
    expect(await ask(path)).toBe(String(process.pid));
  });

  it('of a successor survives the late close of its predecessor', async () => {
    const path = socketIn(tempDir());
    const old = await open(path);
    // The successor's socket is another file under the same name.
    const successor = createServer((socket) => socket.end('successor'));
    onTestFinished(() => void successor.close());
    const elsewhere = join(dirname(path), 'next');
    await new Promise<void>((resolve) => successor.listen(elsewhere, resolve));
    renameSync(elsewhere, path);
    old.close();
    await once(old.server, 'close');
    expect(await ask(path)).toBe('successor');
  });

  it('is not put in the place of a file or a link', async () => {
    for (const put of [
      (path: string) => writeFileSync(path, 'notes'),
      (path: string) => symlinkSync('/nonexistent', path),
    ]) {
      const path = socketIn(tempDir());
      mkdirSync(dirname(path), { mode: 0o700 });
      put(path);
      await expect(open(path)).rejects.toMatchObject({ message: `"${path}" is not a socket. Move it away` });
      expect(lstatSync(path).isSocket()).toBe(false);
    }
  });

  it('is refused with a clear word where its path is too long', async () => {
    const path = join(tempDir(), 'x'.repeat(90), 'control.sock');
    await expect(open(path)).rejects.toThrow(
      /is longer than the \d+ bytes a socket may have. Set CREDBROKER_HOME to a shorter one/,
    );
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('takes a path of exactly the longest length', async () => {
    const directory = tempDir();
    const longest = process.platform === 'darwin' ? 103 : 107;
    const path = join(directory, 'x'.repeat(longest - directory.length - '//control.sock'.length), 'control.sock');
    expect(path).toHaveLength(longest);
    await open(path);
    expect(await ask(path)).toBe(String(process.pid));
  });

  it('goes to exactly one of eight that start at once after a kill, round after round', async () => {
    const path = socketIn(tempDir());
    const script = daemonScript();
    const first = await startRacer(script, path);
    expect(await go(first)).toBe('owner');
    await kill(first.process);
    for (let round = 0; round < 8; round += 1) {
      const racers = await Promise.all(Array.from({ length: 8 }, () => startRacer(script, path)));
      const results = await Promise.all(racers.map(async (racer) => ({ racer, result: await go(racer) })));
      const owners = results.filter(({ result }) => result === 'owner');
      expect(owners).toHaveLength(1);
      const pid = owners[0]?.racer.process.pid;
      const losers = results.filter(({ result }) => result !== 'owner').map(({ result }) => result);
      expect(losers.filter((line) => !line.startsWith('AlreadyRunning The daemon is already running'))).toEqual([]);
      expect(await ask(path)).toBe(String(pid));
      await Promise.all(racers.map((racer) => kill(racer.process)));
    }
    const leftovers = readdirSync(dirname(path)).filter((name) => !/^(control\.sock|owner\.\d+)$/.test(name));
    expect(leftovers).toEqual([]);
  });

  it('names the process that has begun and does not listen yet', async () => {
    const directory = tempDir();
    const other = identityOf(process.ppid);
    writeFileSync(join(directory, 'owner.3'), JSON.stringify(other));
    await expect(open(join(directory, 'control.sock'))).rejects.toMatchObject({
      code: 'AlreadyRunning',
      message: `The daemon is already running (pid ${process.ppid}). To end it, run: credbroker stop`,
    });
  });
});

describe('ownership of a directory', () => {
  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1, startedAt: 'long ago' }],
    ['a process whose number another has now', { pid: process.ppid, startedAt: 'another boot:1' }],
    ['nobody readable', 'torn'],
    ['no process at all', { pid: 'x' }],
  ])('passes on from %s, under a higher number', (_, content) => {
    const directory = tempDir();
    writeFileSync(join(directory, 'owner.7'), typeof content === 'string' ? content : JSON.stringify(content));
    takeOwnership(directory);
    expect(readdirSync(directory)).toEqual(['owner.8']);
    expect(JSON.parse(readFileSync(join(directory, 'owner.8'), 'utf8'))).toEqual(identityOf(process.pid));
  });

  it('is kept by the process that has it', () => {
    const directory = tempDir();
    takeOwnership(directory);
    takeOwnership(directory);
    expect(readdirSync(directory)).toEqual(['owner.1']);
  });

  it('is not won by a late process with an old view, whose number others have passed meanwhile', async (test) => {
    const strace = requireTool(test, 'strace');
    const directory = tempDir();
    const script = bundledScript(`
      import { takeOwnership } from './src/adapters/ownership.ts';
      try {
        takeOwnership(process.argv[2] ?? '');
        process.stdout.write('owner');
      } catch (cause) {
        process.stdout.write(cause.message);
      }
    `);
    // Between its look at the directory and its claim of "owner.1" lie two seconds.
    const slowly = [
      '-f',
      '-o',
      '/dev/null',
      '-e',
      'inject=/^link:delay_enter=2000000',
      process.execPath,
      script,
      directory,
    ];
    const late = spawn(strace, slowly, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = once(late.stdout.setEncoding('utf8'), 'data');
    for await (const { filename } of watch(directory)) if (filename?.endsWith('.tmp')) break;
    writeFileSync(join(directory, 'owner.2'), JSON.stringify(identityOf(process.pid)));
    expect(await said).toEqual([`The daemon is already running (pid ${process.pid}). To end it, run: credbroker stop`]);
    expect(ownerOf(directory)?.pid).toBe(process.pid);
  });
});
