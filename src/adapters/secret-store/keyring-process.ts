/** Runs one keychain call in a child process: in our own it can stop the event loop, or the exit, for ever. */
import { spawn } from 'node:child_process';
import { cleanEnvironment } from '../clean-environment.ts';
import { parseObject } from '../json.ts';
import type { KeyringAnswer, KeyringRequest } from './keyring-child.ts';
import { keyringChild } from './keyring-child.ts';

export type AskKeyring = (request: KeyringRequest) => Promise<KeyringAnswer>;

const program = `(${keyringChild.toString()})(require)`;
const maxAnswerBytes = 65_536;

/** What it returns always resolves, at the deadline at the latest, and leaves no process behind. */
export const askKeyring =
  (env: NodeJS.ProcessEnv): AskKeyring =>
  async (request) => {
    const child = spawn(process.execPath, ['-e', program], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: cleanEnvironment(env),
    });
    const answer = new Promise<KeyringAnswer>((resolve) => {
      const timer = setTimeout(() => resolve(failed('did not answer in time')), request.deadlineMs);
      timer.unref();
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (output.includes('\n')) resolve(parseAnswer(output));
        else if (output.length > maxAnswerBytes) resolve(failed('answered too much'));
      });
      child.once('error', (cause) => resolve(failed(cause.message)));
      child.once('close', () => resolve(failed('ended without an answer')));
    });
    // The child may be gone already; its `close` says so.
    child.stdin.on('error', () => {});
    child.stdin.write(`${JSON.stringify(request)}\n`);
    try {
      return await answer;
    } finally {
      child.kill('SIGKILL');
    }
  };

const failed = (detail: string): KeyringAnswer => ({ type: 'failed', detail });

const parseAnswer = (output: string): KeyringAnswer => {
  const { type, secret, detail } = parseObject(output.slice(0, output.indexOf('\n'))) ?? {};
  if (type === 'done' && (typeof secret === 'string' || secret === null)) return { type, secret };
  return failed(typeof detail === 'string' ? detail : 'answered nonsense');
};
