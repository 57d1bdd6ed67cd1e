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
    const time = String.raw`(\d\.\d\d ms|\d+ ms|\d+\.\d s)`;
    const unwrapped = stdout.replaceAll(`\n${' '.repeat(41)}`, ' ');
    const tells = (title: string, figure: string) =>
      expect.stringMatching(new RegExp(`^✓ ${title.padEnd(37)}  ${figure}$`));
    expect(unwrapped.split('\n')).toEqual([
      tells('Emulated IAM Identity Center', String.raw`http://127\.0\.0\.1:\d+`),
      tells('A real broker, in a home of its own', String.raw`http://127\.0\.0\.1:\d+, up in ${time}`),
      tells('Signed in: one page, one click', time),
      tells('First credentials, fetched upstream', time),
      tells('Asked again, 1000 times', `${time} each, no call upstream`),
      tells('50 programs at once, nothing held', 'one call upstream, one answer for all'),
      tells('Renewed before its end, nobody waited', String.raw`(\d+) of \1 answered`),
      tells('Upstream down, then back', String.raw`(\d+) of \1 answered, [2-9]\d* failed upstream`),
      tells('An emulated Britive tenant', String.raw`http://127\.0\.0\.1:\d+`),
      tells('credbroker login acme', `${time}, one sign-in at the tenant`),
      tells('credbroker checkout cloud-dev', `${time}, one checkout at the tenant`),
      tells('credbroker checkout cloud-dev, again', `${time}, no call to the tenant`),
      tells('credbroker checkout cloud-dev --force', `${time}, one check-in, one checkout at the tenant`),
      tells('credbroker checkin cloud-dev', `${time}, one check-in at the tenant`),
      tells('Session ended at the tenant: checkout', `${time}, one sign-in, one checkout at the tenant`),
      '',
    ]);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
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
