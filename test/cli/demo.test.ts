import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { bundledScript } from '../support/bundled-script.ts';
import type { Transcript } from '../support/cli-world.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('demo', () => {
  let directory = '';
  let script = '';

  beforeEach(() => {
    directory = tempDir();
    for (const name of ['home', 'tmp']) mkdirSync(join(directory, name));
    script = bundledScript(`import './src/bin.ts'`);
  });

  /** In a home directory of its own that must stay empty, with its temporary files where they can be seen. */
  const start = (words: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const HOME = join(directory, 'home');
    const env = { PATH: process.env['PATH'], HOME, TMPDIR: join(directory, 'tmp'), ...more };
    const child = spawn(process.execPath, [script, 'demo', ...words], { env, detached: true });
    const said = (stream: NodeJS.ReadableStream) => {
      const texts: string[] = [];
      stream.setEncoding('utf8').on('data', (text: string) => texts.push(text));
      return texts;
    };
    const [stdout, stderr] = [said(child.stdout), said(child.stderr)];
    const ended = once(child, 'close').then(
      ([status]): Transcript => ({ status, stdout: stdout.join(''), stderr: stderr.join('') }),
    );
    return { child, ended };
  };

  const demo = (words: readonly string[], more: NodeJS.ProcessEnv = {}) => start(words, more).ended;

  const leftBehind = () => ['home', 'tmp'].flatMap((name) => readdirSync(join(directory, name)));

  it('tells the whole story once where there is no terminal, and leaves nothing behind', async () => {
    const { status, stdout, stderr } = await demo([]);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^✓ Emulated IAM Identity Center +http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^✓ A real broker, in a home of its own +http:\/\/127\.0\.0\.1:\d+, up in \d+ ms$/),
      expect.stringMatching(/^✓ Signed in: one page, one click +[\d.]+ ms$/),
      expect.stringMatching(/^✓ First credentials, fetched upstream +[\d.]+ ms$/),
      expect.stringMatching(/^✓ Asked again, 1000 times +[\d.]+ ms each, 0 calls upstream$/),
      expect.stringMatching(/^✓ 50 programs at once, nothing held +1 call upstream, 1 answer for all$/),
      expect.stringMatching(/^✓ Renewed before its end, nobody waited +(\d+) of \1 requests answered$/),
      expect.stringMatching(/^✓ Upstream down, then back +(\d+) of \1 requests answered, [2-9]\d* failed upstream$/),
      expect.stringMatching(/^✓ An emulated Britive tenant +http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^✓ login acme +Signed in to "acme", 7h 59m remaining$/),
      expect.stringMatching(/^✓ checkout cloud-dev +Checked out cloud-dev \(expires in 1h\) · 1 new at the tenant$/),
      expect.stringMatching(
        /^✓ checkout cloud-dev +cloud-dev is already checked out \(expires in 59m\) · 0 new at the tenant$/,
      ),
      expect.stringMatching(
        /^✓ checkout cloud-dev --force +Giving back .*; Checked out cloud-dev \(expires in 1h\) · 1 new at the tenant$/,
      ),
      expect.stringMatching(/^✓ checkin cloud-dev +Checked in cloud-dev$/),
      expect.stringMatching(
        /^✓ The tenant ends the session: checkout again +Session expired -- re-authenticating\.\.\.; Signed in to "acme", 7h 59m remaining; Checked out cloud-dev \(expires in 1h\) · 1 new at the tenant$/,
      ),
      '',
    ]);
    expect(status).toBe(0);
    expect(leftBehind()).toEqual([]);
  });

  it('runs a program among emulated upstreams and exits with its status', async () => {
    const seen = join(directory, 'seen.json');
    const write = 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.env)); process.exit(9)';
    const own = { AWS_PROFILE: 'mine', AWS_ACCESS_KEY_ID: 'AKIA', CREDBROKER_PORT: '1', EDITOR: 'ed' };
    const { status, stdout, stderr } = await demo(['--', process.execPath, '-e', write, seen], own);
    expect({ status, stdout, stderr }).toEqual({ status: 9, stdout: '', stderr: '' });
    const env = JSON.parse(readFileSync(seen, 'utf8'));
    expect(env).toMatchObject({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/credentials\/dev$/),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: expect.stringMatching(/^cb_/),
      AWS_ENDPOINT_URL_STS: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sts$/),
      AWS_REGION: 'eu-central-1',
      AWS_CONFIG_FILE: expect.stringContaining(join(directory, 'tmp')),
      HOME: join(directory, 'home'),
      EDITOR: 'ed',
    });
    expect(['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'CREDBROKER_PORT'].filter((name) => name in env)).toEqual([]);
    expect(leftBehind()).toEqual([]);
  });

  it('ends the broker and removes everything at Ctrl-C', async () => {
    const { child, ended } = start(['--once']);
    await once(child.stdout, 'data');
    // As a terminal does: to the broker and to the demo alike.
    process.kill(-Number(child.pid), 'SIGINT');
    const { stderr, status } = await ended;
    expect([status, stderr]).toEqual([130, '']);
    expect(leftBehind()).toEqual([]);
    expect(() => process.kill(-Number(child.pid), 0)).toThrow('ESRCH');
  });
});
