import { scryptSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { JweStore } from '../../../src/adapters/secret-store/jwe-store.ts';
import { PassphraseKey } from '../../../src/adapters/secret-store/passphrase-key.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { countScrypt } from '../../support/scrypt-calls.ts';
import { tempDir } from '../../support/temp-dir.ts';

let directory: string;
let passphraseFile: string;
let keyFile: string;
let sealedFile: string;

beforeEach(() => {
  directory = tempDir();
  passphraseFile = join(tempDir(), 'passphrase');
  keyFile = join(directory, 'sessions.key.jwe');
  sealedFile = join(directory, 'sessions.jwe');
  say('open sesame\n');
});

const say = (passphrase: string): void => writeFileSync(passphraseFile, passphrase, { mode: 0o600 });

const keyIn = (place = directory, file: string | null = passphraseFile): PassphraseKey =>
  new PassphraseKey({ directory: place, passphraseFile: file });

/** As after a start of the daemon. */
const opened = (key = keyIn()): JweStore =>
  new JweStore({ directory, key, clock: new FakeClock(), log: recordingLog() });

const key = new Uint8Array(32).fill(7);

/** A key file at the least cost that is taken, which saves a test some seconds. */
const cheapKeyFile = async (passphrase = 'open sesame'): Promise<void> => {
  const salt = Buffer.alloc(16, 1);
  const header = {
    alg: 'dir',
    enc: 'A256GCM',
    kdf: 'scrypt',
    n: 2 ** 14,
    r: 8,
    p: 1,
    salt: salt.toString('base64url'),
  };
  const derived = scryptSync(passphrase, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  writeFileSync(keyFile, await new CompactEncrypt(key).setProtectedHeader(header).encrypt(derived));
};

describe('the file under a passphrase', () => {
  it('keeps secrets across restarts, for its owner alone, and gives nothing away', async () => {
    expect(await opened().get('session:a')).toEqual({ type: 'none' });
    expect(readdirSync(directory)).toEqual([]);
    expect(await opened().set('session:a', 'canary-1')).toEqual({ type: 'done' });
    expect(await opened().get('session:a')).toEqual({ type: 'value', value: 'canary-1' });
    expect(readdirSync(directory).sort()).toEqual(['sessions.jwe', 'sessions.key.jwe']);
    for (const path of [keyFile, sealedFile]) {
      expect(readFileSync(path, 'latin1')).not.toMatch(/canary|session|sesame/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it('is shown with the place of its key', () => {
    expect(keyIn().describe()).toBe(`an encrypted file (key under a passphrase in ${keyFile})`);
  });

  it('is derived for once, however often it is read and written', async () => {
    await cheapKeyFile();
    const calls = countScrypt();
    const store = opened();
    for (const value of ['1', '2', '3']) await store.set('a', value);
    expect(await store.get('a')).toEqual({ type: 'value', value: '3' });
    expect(calls()).toBe(1);
  });
});

describe('a wrong passphrase', () => {
  it('is told in words that help, and costs neither the file nor a crash', async () => {
    await opened().set('a', '1');
    const before = readFileSync(sealedFile);
    say('open barley\n');
    const store = opened();
    const words = `The passphrase in "${passphraseFile}" does not open "${keyFile}"`;
    const unavailable = {
      type: 'unavailable',
      detail: `${words}. Correct it, or move that file away and sign in again`,
    };
    expect(await store.get('a')).toEqual(unavailable);
    expect(await store.set('a', '2')).toEqual(unavailable);
    expect(await store.delete('a')).toEqual(unavailable);
    expect(readFileSync(sealedFile)).toEqual(before);
    say('open sesame');
    expect(await store.get('a')).toEqual({ type: 'value', value: '1' });
  });

  it('is worked on once, until it or the file is another', async () => {
    await cheapKeyFile();
    say('open barley');
    const calls = countScrypt();
    const source = keyIn();
    for (let n = 0; n < 5; n++) expect(await source.read()).toMatchObject({ type: 'unavailable', why: 'busy' });
    expect(calls()).toBe(1);
    await cheapKeyFile('open barley');
    expect(await source.read()).toEqual({ type: 'value', key });
  });

  it('leads to a sign-in where the key file is moved away as it says', async () => {
    await opened().set('a', '1');
    say('open barley');
    renameSync(keyFile, join(directory, 'moved'));
    const store = opened();
    expect(await store.get('a')).toEqual({ type: 'none' });
    expect(await store.set('a', '2')).toEqual({ type: 'done' });
    expect(await opened().get('a')).toEqual({ type: 'value', value: '2' });
  });
});

describe('a passphrase', () => {
  it.each([
    ['that ends with a line', 'open sesame\n'],
    ['that ends with a line of Windows', 'open sesame\r\n'],
    ['that ends with nothing', 'open sesame'],
  ])('%s is the same', async (_, text) => {
    await cheapKeyFile();
    say(text);
    expect(await keyIn().read()).toEqual({ type: 'value', key });
  });

  it('may hold anything else', async () => {
    await cheapKeyFile(' ünïcödé\n\n');
    say(' ünïcödé\n\n\n');
    expect(await keyIn().read()).toEqual({ type: 'value', key });
  });

  it.each([
    ['is empty', () => say('\n'), 'is empty. Write the passphrase there'],
    ['is not there', () => renameSync(passphraseFile, `${passphraseFile}.away`), 'There is no passphrase in'],
    ['is open to others', () => chmodSync(passphraseFile, 0o640), 'is open to other users. Run: chmod 600'],
    ['is too long to be one', () => say('x'.repeat(1_025)), 'is larger than 1024 bytes'],
    [
      'is a directory',
      () => {
        renameSync(passphraseFile, `${passphraseFile}.away`);
        mkdirSync(passphraseFile);
      },
      'is not a regular file',
    ],
  ])('that %s opens nothing, and says so', async (_, change, words) => {
    await cheapKeyFile();
    change();
    const calls = countScrypt();
    expect(await keyIn().read()).toMatchObject({
      type: 'unavailable',
      why: 'busy',
      detail: expect.stringContaining(words),
    });
    expect(await keyIn().write(key)).toMatchObject({ type: 'unavailable', detail: expect.stringContaining(words) });
    expect(calls()).toBe(0);
  });

  it('that nobody names any more is asked for', async () => {
    await cheapKeyFile();
    expect(await keyIn(directory, null).read()).toEqual({
      type: 'unavailable',
      why: 'busy',
      detail: 'Tokens are under a passphrase. Set CREDBROKER_PASSPHRASE_FILE and run: credbroker restart',
    });
  });
});

describe('a key file', () => {
  it.each([
    ['nothing', ''],
    ['nonsense', 'nonsense'],
    ['too much', 'x'.repeat(2_000)],
  ])('that holds %s opens nothing, and is left alone', async (_, text) => {
    await opened().set('a', '1');
    writeFileSync(keyFile, text);
    expect(await opened().get('a')).toMatchObject({ type: 'unavailable' });
    expect(readFileSync(keyFile, 'latin1')).toBe(text);
    expect(existsSync(sealedFile)).toBe(true);
  });

  it('of another installation opens nothing here', async () => {
    await opened().set('a', '1');
    await cheapKeyFile();
    const store = opened();
    expect(await store.get('a')).toEqual({ type: 'none' });
    expect(readdirSync(directory).filter((name) => name.startsWith('sessions.jwe.corrupt-'))).toHaveLength(1);
  });

  it('that cannot be written is no key', async () => {
    const gone = join(directory, 'gone');
    expect(await keyIn(gone).write(key)).toMatchObject({
      type: 'unavailable',
      detail: expect.stringContaining('ENOENT'),
    });
  });
});

/** Nothing on the disk can tell: who puts back one file puts back all of them. Upstream knows spent tokens. */
it('takes an older file that was put back for what it is: older secrets', async () => {
  await opened().set('a', 'older');
  const copy = join(tempDir(), 'copy');
  copyFileSync(sealedFile, copy);
  await opened().set('a', 'newer');
  copyFileSync(copy, sealedFile);
  expect(await opened().get('a')).toEqual({ type: 'value', value: 'older' });
});
