import { linkSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logFile, openLog } from '../../src/adapters/log.ts';
import { RotatingFile } from '../../src/adapters/rotating-file.ts';
import { tinyFileSystem } from '../support/file-faults.ts';
import { tempDir } from '../support/temp-dir.ts';

const canary = 'CANARY-5b1f';

const logged = (fields: Readonly<Record<string, unknown>>, message = 'said'): string => {
  const lines: string[] = [];
  openLog({ write: (line) => lines.push(line) }, 'debug').info(fields, message);
  expect(lines).toHaveLength(1);
  return lines.join('');
};

/** Text beyond 1024 characters is cut. */
const short = (text: string): string => (text.length > 1_024 ? `${text.slice(0, 1_024)}…` : text);

describe('a log line', () => {
  it('is one JSON object with level, time, process and message', () => {
    const { time, ...rest } = JSON.parse(logged({ profile: 'dev' }, 'renewed'));
    expect(rest).toEqual({ level: 'info', pid: process.pid, profile: 'dev', msg: 'renewed' });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it.each([
    'accessToken',
    'refresh_token',
    'SessionToken',
    'clientSecret',
    'client-secret',
    'SecretAccessKey',
    'accessKeyId',
    'Authorization',
    'set-cookie',
    'password',
    'passphrase',
    'code_verifier',
    'credentials',
    'device_code',
    'userCode',
    'x-api-key',
    'private_key',
  ])('holds no value of a field named "%s", at any depth, of any type', (name) => {
    const secrets = { [name]: canary, list: [{ [name]: { inner: canary } }], error: { cause: { [name]: [canary] } } };
    expect(logged(secrets)).not.toContain(canary);
  });

  it('holds name, message, code and cause of an error, and nothing else that hangs on it', () => {
    const cause = Object.assign(new Error('socket closed'), { code: 'ECONNRESET', credentials: canary, body: canary });
    const line = JSON.parse(logged({ cause: new Error('failed', { cause }) }));
    expect(line.cause).toEqual({
      name: 'Error',
      message: 'failed',
      cause: { name: 'Error', message: 'socket closed', code: 'ECONNRESET' },
    });
  });

  it('survives fields that JSON has no word for', () => {
    const circular: Record<string, unknown> = {
      big: 1n,
      bytes: new Uint8Array([1]),
      at: new Date(Number.NaN),
      no: undefined,
    };
    circular['self'] = circular;
    expect(JSON.parse(logged(circular))).toMatchObject({ big: '1', bytes: '[bytes]', at: null });
  });

  it('stays one line without control characters, whatever it is given', () => {
    const control = fc.constantFrom(...'\u0000\n\r\u001b\u007f\u0085\u009b\u200e\u2028\u202e\u2066\u2069');
    const nasty = fc.array(fc.oneof(control, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    const forbidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
    fc.assert(
      fc.property(nasty, nasty, (value, message) => {
        const line = logged({ value }, message);
        expect(line).not.toMatch(forbidden);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toMatchObject({ value: short(value), msg: short(message) });
      }),
    );
  });

  it('is bounded, however long its text and however many its fields', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]));
    expect(logged({ text: 'x'.repeat(1_000_000), wide }, 'y'.repeat(1_000_000)).length).toBeLessThan(10_000);
  });

  it('is left out below the chosen level', () => {
    const lines: string[] = [];
    const log = openLog({ write: (line) => lines.push(line) }, 'warn');
    log.debug({}, 'd');
    log.info({}, 'i');
    log.warn({}, 'w');
    log.error({}, 'e');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error']);
  });
});

describe('the log file', () => {
  it('is private, even when it was not before', () => {
    const path = join(tempDir(), 'broker.log');
    writeFileSync(path, 'earlier\n', { mode: 0o644 });
    logFile(path).write('now\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('earlier\nnow\n');
  });

  it('refuses a link and a second name of another file', () => {
    const directory = tempDir();
    const other = join(directory, 'other');
    const path = join(directory, 'broker.log');
    writeFileSync(other, 'theirs');
    symlinkSync(other, path);
    expect(() => logFile(path)).toThrow(`The log "${path}" cannot be opened. Move it away, or check its owner`);
    const second = join(directory, 'second.log');
    linkSync(other, second);
    expect(() => logFile(second)).toThrow('cannot be opened');
    expect(readFileSync(other, 'utf8')).toBe('theirs');
  });

  it('turns at its size, keeps as many files as it may, and loses no line of those', () => {
    const directory = tempDir();
    const path = join(directory, 'broker.log');
    const file = new RotatingFile({ path, maxBytes: 100, files: 3 });
    for (let index = 0; index < 45; index += 1) file.write(`${String(index).padStart(9, '0')}\n`);
    expect(readdirSync(directory).sort()).toEqual(['broker.log', 'broker.log.1', 'broker.log.2']);
    const kept = ['broker.log.2', 'broker.log.1', 'broker.log'].map((name) =>
      readFileSync(join(directory, name), 'utf8'),
    );
    expect(kept.map((text) => text.length)).toEqual([100, 100, 50]);
    expect(kept.join('').trim().split('\n').map(Number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 20));
    expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600);
  });

  it('turns at the start when it is full already', () => {
    const path = join(tempDir(), 'broker.log');
    writeFileSync(path, 'x'.repeat(100));
    new RotatingFile({ path, maxBytes: 100, files: 2 }).write('new\n');
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('x'.repeat(100));
  });

  it('goes on through a full disk and says how many lines were lost', (test) => {
    const directory = tinyFileSystem(test);
    const path = join(directory, 'broker.log');
    writeFileSync(join(directory, 'ballast'), 'x'.repeat(60_000));
    const file = new RotatingFile({ path, maxBytes: 1_000_000, files: 2 });
    for (let index = 0; index < 20; index += 1) file.write(`${'y'.repeat(999)}\n`);
    writeFileSync(join(directory, 'ballast'), '');
    file.write('after\n');
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines.at(-1)).toBe('after');
    const lost: unknown = JSON.parse(lines.at(-2)?.replace(/^y*/, '') ?? '');
    expect(lost).toMatchObject({ level: 'warn', msg: 'log lines were lost' });
  });
});
