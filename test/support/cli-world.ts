import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { statePaths } from '../../config/paths.ts';
import type { Context } from '../../src/cli/context.ts';
import { run } from '../../src/cli/main.ts';
import { watchSignals } from '../../src/cli/signals.ts';
import { FakeDaemon } from './fake-daemon.ts';
import { tempDir } from './temp-dir.ts';

/** When everything in the transcripts happens. */
const noon = Date.parse('2026-11-21T12:00:00Z');

export interface Transcript {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliWorld {
  readonly daemon: FakeDaemon;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** One command line of words without spaces, or the words themselves. */
  readonly cli: (words: string | readonly string[], changes?: Partial<Setting>) => Promise<Transcript>;
}

export interface Setting {
  readonly env: NodeJS.ProcessEnv;
  readonly tty: boolean;
  readonly inContainer: boolean;
  /** Where the command line hears of signals. */
  readonly signals: EventEmitter;
  /** Called with everything written so far, after each write. */
  readonly written: (text: string) => void;
}

/** A home directory of its own and a fake daemon on the control socket in it. Call it inside a test. */
export async function cliWorld(): Promise<CliWorld> {
  const home = tempDir();
  const env = { HOME: home, CREDBROKER_HOME: join(home, 'state'), PATH: process.env['PATH'] };
  const daemon = await FakeDaemon.listen(statePaths(env, process.platform).socket);
  onTestFinished(() => daemon.close());
  return { daemon, home, env, cli: (words, changes = {}) => transcript(words, { ...defaults(), ...changes }, env) };
}

const defaults = (): Setting => ({
  env: {},
  tty: false,
  inContainer: false,
  signals: new EventEmitter(),
  written: () => {},
});

async function transcript(words: string | readonly string[], setting: Setting, env: NodeJS.ProcessEnv) {
  let all = '';
  const output = () => {
    const texts: string[] = [];
    const write = (text: string) => {
      texts.push(text);
      all += text;
      setting.written(all);
    };
    return { isTTY: setting.tty, columns: 80, write, text: () => texts.join('') };
  };
  const [stdout, stderr] = [output(), output()];
  const context: Context = {
    env: { ...env, ...setting.env },
    platform: process.platform,
    stdout,
    stderr,
    interactive: setting.tty,
    inContainer: setting.inContainer,
    signals: watchSignals({ on: (name, handler) => setting.signals.on(name, handler), exit: () => {} }),
    now: () => noon,
    self: [process.execPath, 'no-such-entry.cjs'],
    serve: async ({ notify }) => notify('Listening on http://127.0.0.1:9911'),
  };
  const status = await run(typeof words === 'string' ? words.split(' ') : words, context);
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}
