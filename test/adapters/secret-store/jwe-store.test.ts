import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { fileKey } from '../../../src/adapters/secret-store/file-key.ts';
import { importFileKey, seal } from '../../../src/adapters/secret-store/jwe.ts';
import { JweStore } from '../../../src/adapters/secret-store/jwe-store.ts';
import type { KeyRead, KeySource } from '../../../src/adapters/secret-store/secret-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { tinyFileSystem } from '../../support/file-faults.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { tempDir } from '../../support/temp-dir.ts';

const arrange = (directory = tempDir(), key: KeySource = fileKey(directory)) => {
  const log = recordingLog();
  const store = new JweStore({ directory, key, clock: new FakeClock(), log });
  return { directory, log, store, path: join(directory, 'sessions.jwe') };
};

const importedKey = async (directory: string) => {
  const read = await fileKey(directory).read();
  return importFileKey(read.type === 'value' ? read.key : new Uint8Array());
};

/** One copy for each byte of each part, header to tag. */
const withOneBitFlipped = (sealed: string): readonly string[] => {
  const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
  return parts.flatMap((part, place) =>
    [...part.keys()].map((index) => {
      const bent = Buffer.from(part);
      bent.writeUInt8(bent.readUInt8(index) ^ 1, index);
      return parts.map((other, at) => (at === place ? bent : other).toString('base64url')).join('.');
    }),
  );
};

const aside = (directory: string): readonly string[] =>
  readdirSync(directory).filter((name) => name.startsWith('sessions.jwe.corrupt-'));

describe('the encrypted file', () => {
  it('keeps, replaces and forgets secrets across restarts, and gives nothing away', async () => {
    const { directory, store, path } = arrange();
    await store.set('session:a', 'canary-1');
    await store.set('session:b', 'canary-2');
    await store.set('session:a', 'canary-3');
    await store.delete('session:b');
    const again = arrange(directory).store;
    expect(await again.get('session:a')).toEqual({ type: 'value', value: 'canary-3' });
    expect(await again.get('session:b')).toEqual({ type: 'none' });
    const sealed = readFileSync(path, 'latin1');
    expect(sealed).not.toMatch(/canary|session/);
    expect(decodeProtectedHeader(sealed)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: expect.any(String) });
    for (const name of ['sessions.jwe', 'sessions.key'])
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).sort()).toEqual(['sessions.jwe', 'sessions.key']);
  });

  it('keeps every one of many secrets that are set at once', async () => {
    const { directory, store } = arrange();
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    await Promise.all(names.map((name) => store.set(name, `value of ${name}`)));
    const reads = await Promise.all(names.map((name) => arrange(directory).store.get(name)));
    expect(reads).toEqual(names.map((name) => ({ type: 'value', value: `value of ${name}` })));
  });

  it('takes names that mean something to objects', async () => {
    const { store } = arrange();
    expect(await store.get('__proto__')).toEqual({ type: 'none' });
    await store.set('__proto__', 'x');
    expect(await store.get('__proto__')).toEqual({ type: 'value', value: 'x' });
    expect(await store.get('constructor')).toEqual({ type: 'none' });
  });

  it('never uses a nonce twice', async () => {
    const { store, path } = arrange();
    const nonces = new Set<string | undefined>();
    for (let index = 0; index < 50; index += 1) {
      await store.set('a', String(index));
      nonces.add(readFileSync(path, 'latin1').split('.')[2]);
    }
    expect(nonces.size).toBe(50);
  });

  it('asks for no key and writes nothing as long as nothing is stored', async () => {
    const { directory, store } = arrange();
    expect(await store.get('a')).toEqual({ type: 'none' });
    expect(await store.delete('a')).toEqual({ type: 'done' });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a damaged file', () => {
  it('is refused with any one byte changed, moved aside, and replaced by the next sign-in', async () => {
    const { directory, path } = arrange();
    await arrange(directory).store.set('a', '1');
    for (const bent of withOneBitFlipped(readFileSync(path, 'latin1'))) {
      writeFileSync(path, bent);
      expect(await arrange(directory).store.get('a')).toEqual({ type: 'none' });
      expect(existsSync(path)).toBe(false);
    }
    const { store, log } = arrange(directory);
    writeFileSync(path, 'garbage');
    await store.set('a', '2');
    expect(await arrange(directory).store.get('a')).toEqual({ type: 'value', value: '2' });
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it.each([
    ['another key', { alg: 'dir', enc: 'A256GCM', kid: '0000000000000000' }],
    ['a password', { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAAAAAAAAA' }],
    ['another cipher', { alg: 'dir', enc: 'A128CBC-HS256' }],
    ['compression', { alg: 'dir', enc: 'A256GCM', zip: 'DEF' }],
  ])('is not opened when its header asks for %s', async (_, header) => {
    const { directory, path } = arrange();
    await arrange(directory).store.set('a', '1');
    const [, ...rest] = readFileSync(path, 'latin1').split('.');
    writeFileSync(path, [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.'));
    expect(await arrange(directory).store.get('a')).toEqual({ type: 'none' });
    expect(aside(directory)).toHaveLength(1);
  });

  it('is not opened under another algorithm, though the right key made it', async () => {
    const { directory, path, store } = arrange();
    await store.set('a', '1');
    const { key, kid } = await importedKey(directory);
    const wrapped = await new CompactEncrypt(Buffer.from('{"version":1,"values":[["a","2"]]}'))
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid })
      .encrypt(key);
    writeFileSync(path, wrapped);
    expect(await store.get('a')).toEqual({ type: 'none' });
  });

  it('of a newer version is left alone', async () => {
    const { directory, path } = arrange();
    const { store } = arrange(directory);
    await store.set('a', '1');
    const { key, kid } = await importedKey(directory);
    const newer = await new CompactEncrypt(Buffer.from('{"version":2,"vault":{}}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
      .encrypt(key);
    writeFileSync(path, newer);
    expect(await store.get('a')).toMatchObject({ type: 'unavailable' });
    expect(await store.set('a', '2')).toMatchObject({ type: 'unavailable' });
    expect(readFileSync(path, 'latin1')).toBe(newer);
  });
});

describe('when the key or the disk is away', () => {
  const away: KeyRead = { type: 'unavailable', why: 'busy', detail: 'locked' };

  it('answers unavailable to everything and touches nothing', async () => {
    const directory = tempDir();
    await arrange(directory).store.set('a', '1');
    const before = readFileSync(join(directory, 'sessions.jwe'));
    const locked: KeySource = { ...fileKey(directory), read: async () => away };
    const { store } = arrange(directory, locked);
    const unavailable = { type: 'unavailable', detail: 'locked' };
    expect(await store.get('a')).toEqual(unavailable);
    expect(await store.set('a', '2')).toEqual(unavailable);
    expect(await store.delete('a')).toEqual(unavailable);
    expect(readFileSync(join(directory, 'sessions.jwe'))).toEqual(before);
    expect(aside(directory)).toEqual([]);
  });

  it('writes no file under a key that could not be kept', async () => {
    const directory = tempDir();
    const unwritable: KeySource = {
      ...fileKey(directory),
      write: async () => ({ type: 'unavailable', detail: 'the keychain is full' }),
    };
    expect(await arrange(directory, unwritable).store.set('a', '1')).toEqual({
      type: 'unavailable',
      detail: 'the keychain is full',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('keeps the key in memory once it was read', async () => {
    const directory = tempDir();
    let reads = 0;
    const counted: KeySource = {
      ...fileKey(directory),
      read: async () => {
        reads += 1;
        return reads > 2 ? away : fileKey(directory).read();
      },
    };
    const { store } = arrange(directory, counted);
    for (const value of ['1', '2', '3']) expect(await store.set('a', value)).toEqual({ type: 'done' });
    expect(await store.get('a')).toEqual({ type: 'value', value: '3' });
    expect(reads).toBe(1);
  });

  it('keeps the old secrets on a full disk and says what is wrong', async (test) => {
    const directory = tinyFileSystem(test);
    const { store, path } = arrange(directory);
    await store.set('a', '1');
    expect(await store.set('a', 'x'.repeat(200_000))).toEqual({
      type: 'unavailable',
      detail: `"${path}" cannot be read or written (ENOSPC). Check the disk and its owner`,
    });
    expect(await store.get('a')).toEqual({ type: 'value', value: '1' });
    expect(await store.set('a', '2')).toEqual({ type: 'done' });
  });

  it('is not confused by a directory in the place of the file', async () => {
    const { store, path } = arrange();
    mkdirSync(path);
    expect(await store.get('a')).toMatchObject({ type: 'unavailable' });
    expect(await store.set('a', '1')).toMatchObject({ type: 'unavailable' });
  });
});

describe('the key in a file', () => {
  it.each([0o644, 0o640, 0o606])('is refused with mode %o', async (mode) => {
    const directory = tempDir();
    await arrange(directory).store.set('a', '1');
    const path = join(directory, 'sessions.key');
    chmodSync(path, mode);
    expect(await arrange(directory).store.get('a')).toEqual({
      type: 'unavailable',
      detail: `"${path}" is open to other users. Run: chmod 600 "${path}"`,
    });
  });

  it.each(['', 'short', 'x'.repeat(2_000)])('is refused when it holds %j', async (content) => {
    const directory = tempDir();
    await arrange(directory).store.set('a', '1');
    writeFileSync(join(directory, 'sessions.key'), content);
    expect(await arrange(directory).store.get('a')).toMatchObject({ type: 'unavailable' });
    expect(aside(directory)).toEqual([]);
  });
});

describe('the sealed form', () => {
  it('names its key by a hash that differs from key to key', async () => {
    const [one, two] = await Promise.all([
      importFileKey(new Uint8Array(32)),
      importFileKey(new Uint8Array(32).fill(1)),
    ]);
    expect(one.kid).not.toBe(two.kid);
    expect(decodeProtectedHeader(await seal(one, new Map())).kid).toBe(one.kid);
  });
});
