/**
 * Runs a helper program (`credential_process`) as botocore does: the command's words, no shell, nothing on standard input.
 *
 * - It leads a process group and session of its own. When its time is up the whole group is asked to end, and then made
 *   to; when nobody wants its answer any more it is made to at once.
 * - A helper that has ended is not waited for any longer because of what it leaves running: that is none of our business
 *   (an agent, a browser), though it may hold the helper's output open for ever.
 * - On Windows a command is divided by the rules of the C runtime (double quotes alone), scripts need `cmd.exe /c` with
 *   quotation rules of its own, and there are jobs instead of process groups: nothing of that is here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Alarm } from '../core/alarm.ts';
import type { Clock, Timers } from '../core/ports.ts';
import { shellWords } from '../core/shell-words.ts';
import { mono } from '../core/types.ts';
import type { HelperEnd, HelperFailure, HelperRequest, RunHelper } from '../providers/process/types.ts';
import { helperEnvironment } from './helper-environment.ts';
import { errorCode } from './system-error.ts';

interface HelperWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The Go SDK's first generation takes 8 KiB, Java 64 000 bytes. */
const longestOutput = 65_536;
/** From the wish that it end to its end: there may be a lock to be removed. */
const graceMs = 2_000;
/** For what a helper has printed last and is still on its way. */
const drainMs = 500;

export const openHelpers =
  (world: HelperWorld): RunHelper =>
  (command, request) =>
    new Promise((resolve) => {
      const [program = '', ...args] = shellWords(command) ?? [];
      const problem = problemOf(world, command);
      if (problem !== null) return resolve(failed(program, problem));
      if (request.signal.aborted) return resolve({ type: 'stopped', why: 'aborted' });
      try {
        const child = spawn(program, args, {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: helperEnvironment(world.env, request.profile),
          detached: true,
        });
        new Helper({ child, program, world, resolve }).watch(request);
      } catch (cause) {
        // Arguments that no system takes, such as too many bytes of them, are thrown and not reported.
        resolve(failed(program, causeOf(cause)));
      }
    });

const problemOf = ({ platform }: HelperWorld, command: string): HelperFailure | null => {
  if (platform === 'win32') return 'unsupported';
  const words = shellWords(command);
  if (words === null) return 'open quotation';
  return words[0] === undefined || words[0] === '' ? 'empty command' : null;
};

const failed = (program: string, why: HelperFailure): HelperEnd => ({ type: 'failed', program, why });

const causeOf = (cause: unknown): HelperFailure => {
  const code = errorCode(cause);
  return code?.startsWith('E') ? (code as HelperFailure) : 'EUNKNOWN';
};

interface HelperParts {
  readonly child: ChildProcess;
  readonly program: string;
  readonly world: HelperWorld;
  readonly resolve: (end: HelperEnd) => void;
}

/** One run, from its start to its one end. */
class Helper {
  readonly #parts: HelperParts;
  readonly #alarm: Alarm;
  #onAlarm = (): void => {};
  #stdout = '';
  #stderr = '';
  #isLate = false;
  #hasEnded = false;

  constructor(parts: HelperParts) {
    this.#parts = parts;
    const { clock, timers } = parts.world;
    this.#alarm = new Alarm(clock, timers, () => this.#onAlarm());
  }

  watch({ timeoutMs, signal }: HelperRequest): void {
    const { child, program } = this.#parts;
    // First of all: where no more files can be opened the error is all there is of the child.
    child.on('error', (cause) => this.#end(failed(program, causeOf(cause))));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#hear(chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-longestOutput);
    });
    child.once('exit', (status) => this.#exited(status));
    child.once('close', (status) => this.#end(this.#ended(status)));
    signal.addEventListener('abort', () => this.#kill({ type: 'stopped', why: 'aborted' }), { once: true });
    this.#wait(timeoutMs, () => this.#terminate());
  }

  #hear(chunk: string): void {
    this.#stdout += chunk;
    if (this.#stdout.length > longestOutput) this.#kill(failed(this.#parts.program, 'too much output'));
  }

  #exited(status: number | null): void {
    if (this.#isLate) return this.#kill(late);
    this.#wait(drainMs, () => this.#end(this.#ended(status)));
  }

  #terminate(): void {
    this.#isLate = true;
    this.#signal('SIGTERM');
    this.#wait(graceMs, () => this.#kill(late));
  }

  /** Whoever is left of its group, too. */
  #kill(end: HelperEnd): void {
    if (this.#hasEnded) return;
    this.#signal('SIGKILL');
    this.#end(end);
  }

  #signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#parts.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // Nobody is left.
    }
  }

  #ended(status: number | null): HelperEnd {
    return { type: 'ended', status, stdout: this.#stdout, stderr: this.#stderr };
  }

  #end(end: HelperEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#alarm.set(null);
    this.#parts.child.stdout?.destroy();
    this.#parts.child.stderr?.destroy();
    this.#parts.resolve(end);
  }

  #wait(ms: number, then: () => void): void {
    this.#onAlarm = then;
    this.#alarm.set(mono(this.#parts.world.clock.mono() + ms));
  }
}

const late: HelperEnd = { type: 'stopped', why: 'timeout' };
