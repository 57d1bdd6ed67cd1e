import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askKeyring } from '../../../src/adapters/secret-store/keyring-process.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** A library of our own in the place of the real one, running in the real child process. */
const request = (getPassword: string, deadlineMs: number) => {
  const library = join(tempDir(), 'library.cjs');
  writeFileSync(
    library,
    `exports.AsyncEntry = class {
      async setPassword() {}
      ${getPassword}
    }`,
  );
  return { library, action: 'read', service: 's', account: 'a', secret: 'canary-secret', deadlineMs } as const;
};

const childrenWith = (text: string): readonly string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });

describe('the keychain process', () => {
  it.each([
    ['a value', "async getPassword() { return 'v' }", { type: 'done', secret: 'v' }],
    ['none', 'async getPassword() { return null }', { type: 'done', secret: null }],
    ['no value at all', 'async getPassword() {}', { type: 'done', secret: null }],
    ['an error', "async getPassword() { throw new Error('locked') }", { type: 'failed', detail: 'locked' }],
    [
      'its death',
      'async getPassword() { process.kill(process.pid, 9) }',
      { type: 'failed', detail: 'ended without an answer' },
    ],
    [
      'nonsense',
      "async getPassword() { process.stdout.write('{]\\n') }",
      { type: 'failed', detail: 'answered nonsense' },
    ],
    [
      'a flood',
      "async getPassword() { process.stdout.write('x'.repeat(1_000_000)); return new Promise(() => {}) }",
      { type: 'failed', detail: 'answered too much' },
    ],
  ])('hands on %s', async (_, getPassword, answer) => {
    expect(await askKeyring(process.env)(request(getPassword, 30_000))).toEqual(answer);
  });

  it.runIf(process.platform === 'linux').each([
    ['waits', 'getPassword() { return new Promise(() => {}) }'],
    ['blocks its thread', 'getPassword() { for (;;); }'],
    ['ignores every polite signal', "getPassword() { process.on('SIGTERM', () => {}); for (;;); }"],
  ])('ends at the deadline and leaves no process when the library %s', async (_, getPassword) => {
    const marker = `CREDBROKER_TEST_MARKER_${crypto.randomUUID()}`;
    const answer = await askKeyring({ ...process.env, MARKER: marker })(request(getPassword, 500));
    expect(answer).toEqual({ type: 'failed', detail: 'did not answer in time' });
    while (childrenWith(marker).length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(childrenWith(marker)).toEqual([]);
  });

  it('gets no secret in its arguments or environment, and nothing that loads code', async () => {
    const report = 'async getPassword() { return JSON.stringify([process.argv, process.execArgv, process.env]) }';
    const env = { ...process.env, NODE_OPTIONS: '--no-warnings', LD_DEBUG_OUTPUT: '/tmp/x', NODE_PATH: '/x' };
    const answer = await askKeyring(env)(request(report, 30_000));
    const seen = answer.type === 'done' ? (answer.secret ?? '') : '';
    expect(seen).toContain('PATH');
    expect(seen).not.toMatch(/canary-secret|NODE_OPTIONS|NODE_PATH|LD_DEBUG_OUTPUT/);
  });
});
