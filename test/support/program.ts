/** A program in a process of its own, listened to from its first word and gone when the test is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export class Program {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #isOver = false;

  /** With nothing of our own environment but what `env` holds. */
  constructor(words: readonly string[], env: NodeJS.ProcessEnv) {
    const [command = '', ...args] = words;
    this.#child = spawn(command, args, { env, cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.#stdout += text)));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.#stderr += text)));
    this.ended = this.#end();
    onTestFinished(async () => void (await this.kill('SIGKILL')));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when its output, past or to come, holds the pattern; rejects when it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const said = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        if (said === null && !this.#isOver) return;
        this.#listeners.delete(look);
        if (said !== null) return resolve(said);
        reject(new Error(`It ended without saying ${pattern}: ${this.#stdout}${this.#stderr}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    if (!this.#isOver) this.#child.kill(signal);
    return this.ended;
  }

  #hear(note: () => void): void {
    note();
    for (const look of [...this.#listeners]) look();
  }

  async #end(): Promise<Ended> {
    // `close` and not `exit`: only then all output is here.
    const [status, signal] = await once(this.#child, 'close');
    this.#hear(() => {
      this.#isOver = true;
    });
    return { status, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Runs to the end, whatever end. */
export const ranTo = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Program(words, env).ended;
