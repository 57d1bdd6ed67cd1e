/** What a command may touch of the process it runs in. Tests give their own. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Signals, watchSignals } from './signals.ts';

export interface Output {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
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
  /** Puts a question on stderr; resolves with the line typed, empty when the input ends. */
  readonly ask: (question: string) => Promise<string>;
  /** Each key at once, without echo, until the function that is returned is called. Ctrl-C stays a signal. */
  readonly onKey: (handler: (key: string) => void) => () => void;
  readonly inContainer: boolean;
  readonly signals: Signals;
  readonly now: () => number;
  /** The words that run this program again: Node and the entry file. */
  readonly self: readonly [string, ...string[]];
  readonly serve: Serve;
}

export function processContext(serve: Serve): Context {
  const signals = watchSignals(process);
  return {
    env: process.env,
    platform: process.platform,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ask: (question) => ask(question, signals.aborted),
    onKey,
    inContainer: containerFiles.some((file) => existsSync(file)),
    signals,
    now: Date.now,
    self: [process.execPath, process.argv[1] ?? ''],
    serve,
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline');
  process.stderr.write(question);
  // Left to the terminal's own editing, Ctrl-C stays a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  let line: string | undefined;
  try {
    [line] = await Promise.race([once(lines, 'line', { signal }), once(lines, 'close', { signal })]);
    return line ?? '';
  } finally {
    lines.close();
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    if (line === undefined && question !== '') process.stderr.write('\n');
  }
}

const interruptKey = '\u0003';

function onKey(handler: (key: string) => void): () => void {
  const { stdin } = process;
  const typed = (keys: string) => {
    for (const key of keys) key === interruptKey ? process.kill(process.pid, 'SIGINT') : handler(key);
  };
  // What was paused after an earlier question does not flow again by being listened to.
  stdin.setRawMode(true).setEncoding('utf8').on('data', typed).resume();
  return () => {
    stdin.off('data', typed).setRawMode(false).pause();
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
      // A terminal that nobody told its size says 0.
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}
