import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { statePaths } from '../../config/paths.ts';
import type { Context, Serve } from '../../src/cli/context.ts';
import { concluded, run } from '../../src/cli/main.ts';
import { watchSignals } from '../../src/cli/signals.ts';
import { FakeDaemon } from './fake-daemon.ts';
import { tempDir } from './temp-dir.ts';

/** When everything in the transcripts happens that names no other time. */
export const noon = Date.parse('2026-11-21T12:00:00Z');

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
  /** A part of a command. */
  readonly act: (work: Work, changes?: Partial<Setting>) => Promise<Transcript>;
}

type Work = (context: Context) => Promise<void>;

export interface Setting {
  readonly env: NodeJS.ProcessEnv;
  readonly tty: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly inContainer: boolean;
  readonly now: number;
  /** What the person types at each question, or at one after the other until the input ends. */
  readonly typed: string | readonly string[];
  readonly serve: Serve;
  readonly self: Context['self'];
  /** Where the command line hears of signals. */
  readonly signals: EventEmitter;
  /** Where keys come from, as `key` events. */
  readonly keyboard: EventEmitter;
  /** Called with everything written so far, after each write. */
  readonly written: (text: string) => void;
}

/** A home directory of its own and a fake daemon on the control socket in it. Call it inside a test. */
export async function cliWorld(): Promise<CliWorld> {
  const home = tempDir();
  const env = { HOME: home, CREDBROKER_HOME: join(home, 'state'), PATH: process.env['PATH'] };
  const daemon = await FakeDaemon.listen(statePaths(env, process.platform).socket);
  onTestFinished(() => daemon.close());
  const settingOf = (changes: Partial<Setting>): Setting => {
    const setting = { ...defaults(), ...changes };
    return { ...setting, env: { ...env, ...setting.env } };
  };
  return {
    daemon,
    home,
    env,
    cli: (words, changes = {}) =>
      transcript((context) => run(typeof words === 'string' ? words.split(' ') : words, context), settingOf(changes)),
    act: (work, changes = {}) => transcript((context) => concluded(context, () => work(context)), settingOf(changes)),
  };
}

const defaults = (): Setting => ({
  env: {},
  tty: false,
  columns: 80,
  rows: 24,
  inContainer: false,
  now: noon,
  typed: '',
  serve: async ({ notify }) => notify('Listening on http://127.0.0.1:9911'),
  self: [process.execPath, 'no-such-entry.cjs'],
  signals: new EventEmitter(),
  keyboard: new EventEmitter(),
  written: () => {},
});

async function transcript(runs: (context: Context) => Promise<number>, setting: Setting): Promise<Transcript> {
  let all = '';
  const output = () => {
    const texts: string[] = [];
    const write = (text: string) => {
      texts.push(text);
      all += text;
      setting.written(all);
    };
    return { isTTY: setting.tty, columns: setting.columns, rows: setting.rows, write, text: () => texts.join('') };
  };
  const [stdout, stderr] = [output(), output()];
  const lines = [...setting.typed];
  const context: Context = {
    env: setting.env,
    platform: process.platform,
    stdout,
    stderr,
    interactive: setting.tty,
    ask: async (question) => {
      stderr.write(question);
      return typeof setting.typed === 'string' ? setting.typed : (lines.shift() ?? '');
    },
    onKey: (handler) => {
      setting.keyboard.on('key', handler);
      return () => setting.keyboard.off('key', handler);
    },
    inContainer: setting.inContainer,
    signals: watchSignals({ on: (name, handler) => setting.signals.on(name, handler), exit: () => {} }),
    now: () => setting.now,
    self: setting.self,
    serve: setting.serve,
  };
  const status = await runs(context);
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}
