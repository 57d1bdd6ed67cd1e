/** What a command may touch of the process it runs in. Tests give their own. */
import { existsSync } from 'node:fs';
import { type Signals, watchSignals } from './signals.ts';

export interface Output {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly write: (text: string) => void;
}

/** Runs the daemon until it is stopped; `notify` gets lines for the person who started it. */
export type Serve = (options: {
  readonly env: NodeJS.ProcessEnv;
  readonly notify: (line: string) => void;
}) => Promise<void>;

export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether somebody sits at the keyboard. */
  readonly interactive: boolean;
  readonly inContainer: boolean;
  readonly signals: Signals;
  readonly now: () => number;
  /** The words that run this program again: Node and the entry file. */
  readonly self: readonly [string, ...string[]];
  readonly serve: Serve;
}

export function processContext(serve: Serve): Context {
  return {
    env: process.env,
    platform: process.platform,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    inContainer: containerFiles.some((file) => existsSync(file)),
    signals: watchSignals(process),
    now: Date.now,
    self: [process.execPath, process.argv[1] ?? ''],
    serve,
  };
}

const containerFiles = ['/.dockerenv', '/run/.containerenv'];

function output(stream: NodeJS.WriteStream): Output {
  // A reader that had enough (`| head`) is no error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(128 + 13);
  });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}
