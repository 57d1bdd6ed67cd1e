/** A program in a terminal of its own, where a person types. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished, type TestContext } from 'vitest';
import { shellWord } from '../../src/cli/shell-text.ts';
import { cannotRun, requireTool } from './required.ts';

const tool = 'script';

/** It takes util-linux's: others of that name have other options. */
export const requireTerminal = (test: TestContext): void => {
  if (process.platform !== 'linux') cannotRun(test, 'terminals are made by a tool of Linux');
  requireTool(test, tool);
};

interface TerminalEnd {
  readonly status: number | null;
  /** What was on the screen, one after the other, with `\n` for the ends of lines. */
  readonly screen: string;
}

export class Terminal {
  readonly ended: Promise<TerminalEnd>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #screen = '';

  constructor(words: readonly string[], env: NodeJS.ProcessEnv) {
    const command = words.map(shellWord).join(' ');
    const args = ['--quiet', '--flush', '--return', '--command', `exec ${command}`, '/dev/null'];
    this.#child = spawn(tool, args, { env: { ...env, SHELL: '/bin/sh' }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text.replaceAll('\r\n', '\n');
      for (const look of [...this.#listeners]) look();
    });
    this.ended = once(this.#child, 'close').then(([status]) => ({ status, screen: this.#screen }));
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** Types once this is the last thing on the screen. */
  async answers(question: string, keys: string): Promise<void> {
    await this.#until(question, (screen) => screen.endsWith(question));
    this.#child.stdin?.write(keys);
  }

  /** Resolves once this is on the screen. */
  shows(text: string): Promise<void> {
    return this.#until(text, (screen) => screen.includes(text));
  }

  #until(text: string, satisfies: (screen: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!satisfies(this.#screen)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      void this.ended.then(({ screen }) => reject(new Error(`It ended without showing "${text}": ${screen}`)));
      look();
    });
  }
}
