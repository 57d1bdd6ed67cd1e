import { readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileKey } from '../../../src/adapters/secret-store/file-key.ts';
import type { Backend } from '../../../src/adapters/secret-store/open-secret-store.ts';
import {
  openSecretStore,
  parseRecordedBackend,
  parseWish,
} from '../../../src/adapters/secret-store/open-secret-store.ts';
import type { KeyRead, KeySource } from '../../../src/adapters/secret-store/secret-store.ts';
import { BrokerError } from '../../../src/core/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryFile } from '../../support/memory-file.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { tempDir } from '../../support/temp-dir.ts';

const absent: KeyRead = { type: 'unavailable', why: 'absent', detail: 'There is no keychain here' };
const busy: KeyRead = { type: 'unavailable', why: 'busy', detail: 'The keychain is locked' };

class FakeKeychain implements KeySource {
  answer: KeyRead = { type: 'none' };
  reads = 0;

  async read(): Promise<KeyRead> {
    this.reads += 1;
    return this.answer;
  }

  async write(key: Uint8Array): Promise<{ readonly type: 'done' }> {
    this.answer = { type: 'value', key };
    return { type: 'done' };
  }

  describe(): string {
    return 'the fake keychain';
  }
}

interface Given {
  readonly wish?: Backend;
  readonly passphraseFile?: string;
  readonly recorded?: Backend;
}

const arrange = (
  { wish, passphraseFile, recorded }: Given = {},
  directory = tempDir(),
  keychain = new FakeKeychain(),
) => {
  const state = new MemoryFile<Backend>();
  if (recorded !== undefined) state.save(recorded);
  const log = recordingLog();
  const wished = { backend: wish ?? null, passphraseFile: passphraseFile ?? null };
  const open = () =>
    openSecretStore({ directory, wish: wished, recorded: state, keychain, clock: new FakeClock(), log });
  return { directory, keychain, state, log, open, store: open() };
};

describe('the choice of a backend', () => {
  it('falls on the keychain where there is one, and is recorded', async () => {
    const { state, store } = arrange();
    expect(store.describe()).toBe('no store yet');
    expect(await store.set('a', '1')).toEqual({ type: 'done' });
    expect(store.describe()).toBe('the fake keychain');
    expect(state.load()).toBe('keychain');
  });

  it('falls on the file where there is none, with a warning, and is recorded', async () => {
    const { directory, keychain, state, log, store } = arrange();
    keychain.answer = absent;
    expect(await store.set('a', '1')).toEqual({ type: 'done' });
    expect(state.load()).toBe('file');
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    expect(readdirSync(directory).sort()).toEqual(['sessions.jwe', 'sessions.key']);
  });

  it('waits for a keychain that does not answer instead of taking something weaker', async () => {
    const { directory, keychain, state, store } = arrange();
    keychain.answer = busy;
    expect(await store.set('a', '1')).toEqual({ type: 'unavailable', detail: 'The keychain is locked' });
    expect(state.load()).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
    keychain.answer = { type: 'none' };
    expect(await store.set('a', '1')).toEqual({ type: 'done' });
    expect(state.load()).toBe('keychain');
  });

  it.each([absent, busy])('never leaves a recorded keychain by itself: %j', async (answer) => {
    const { directory, keychain, open, store } = arrange();
    await store.set('a', '1');
    const { answer: kept } = keychain;
    const files = readdirSync(directory);
    keychain.answer = answer;
    const restarted = open();
    expect(await restarted.get('a')).toMatchObject({ type: 'unavailable' });
    expect(await restarted.set('a', '2')).toMatchObject({ type: 'unavailable' });
    expect(readdirSync(directory)).toEqual(files);
    keychain.answer = kept;
    expect(await restarted.get('a')).toEqual({ type: 'value', value: '1' });
  });

  it('stays with a recorded file although a keychain has come', async () => {
    const { directory, keychain, store } = arrange({ recorded: 'file' });
    await store.set('a', '1');
    expect(keychain.reads).toBe(0);
    expect(store.describe()).toBe(`an encrypted file (key in ${join(directory, 'sessions.key')})`);
  });

  it("follows the user's word over what is recorded, and records it", async () => {
    const { state, store } = arrange({ recorded: 'keychain', wish: 'file' });
    await store.set('a', '1');
    expect(state.load()).toBe('file');
  });

  it('keeps nothing on disk and records nothing when memory is wished for', async () => {
    const { directory, state, open, store } = arrange({ recorded: 'keychain', wish: 'memory' });
    await store.set('a', '1');
    expect(await store.get('a')).toEqual({ type: 'value', value: '1' });
    await store.delete('a');
    expect(await store.get('a')).toEqual({ type: 'none' });
    await store.set('a', '1');
    expect(await open().get('a')).toEqual({ type: 'none' });
    expect(readdirSync(directory)).toEqual([]);
    expect(state.load()).toBe('keychain');
  });

  it('falls on the file under a passphrase where one is named, and is recorded', async () => {
    const directory = tempDir();
    const passphraseFile = join(tempDir(), 'passphrase');
    writeFileSync(passphraseFile, 'open sesame', { mode: 0o600 });
    const { keychain, state, store } = arrange({ wish: 'passphrase', passphraseFile }, directory);
    expect(await store.set('a', '1')).toEqual({ type: 'done' });
    expect(state.load()).toBe('passphrase');
    expect(keychain.reads).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(['sessions.jwe', 'sessions.key.jwe']);
    expect(store.describe()).toMatch(/^an encrypted file \(key under a passphrase in .*sessions\.key\.jwe\)$/);
  });

  it.each([{}, { wish: 'file' }] as const)(
    'never leaves a recorded passphrase for something weaker: %j',
    async (given) => {
      const { directory, keychain, state, store } = arrange({ ...given, recorded: 'passphrase' });
      const detail = expect.stringContaining('Set CREDBROKER_PASSPHRASE_FILE');
      expect(await store.set('a', '1')).toEqual({ type: 'unavailable', detail });
      expect(readdirSync(directory)).toEqual([]);
      expect(keychain.reads).toBe(0);
      expect(state.load()).toBe('passphrase');
    },
  );

  it('leaves a recorded passphrase for the keychain when the user says so', async () => {
    const { state, store } = arrange({ recorded: 'passphrase', wish: 'keychain' });
    expect(await store.set('a', '1')).toEqual({ type: 'done' });
    expect(state.load()).toBe('keychain');
  });

  it('is shown with what is wrong with it, which the log says once', async () => {
    const { keychain, log, store } = arrange();
    await store.set('a', '1');
    expect(store.describe()).toBe('the fake keychain');
    const { answer } = keychain;
    keychain.answer = busy;
    const { open, log: later } = arrange({ recorded: 'keychain' }, tempDir(), keychain);
    const restarted = open();
    for (const name of ['a', 'b']) expect(await restarted.set(name, '2')).toMatchObject({ type: 'unavailable' });
    expect(restarted.describe()).toBe('the fake keychain. The keychain is locked');
    expect(later.lines).toEqual([
      { level: 'warn', fields: { why: 'The keychain is locked' }, message: 'secrets are out of reach' },
    ]);
    keychain.answer = answer;
    expect(await restarted.set('a', '2')).toEqual({ type: 'done' });
    expect(restarted.describe()).toBe('the fake keychain');
    expect(log.lines).toEqual([]);
  });

  it('is made once for those who ask together', async () => {
    const { keychain, store } = arrange();
    await Promise.all([store.get('a'), store.get('b'), store.delete('c')]);
    expect(keychain.reads).toBe(1);
  });
});

describe('what the environment says', () => {
  const wish = (backend?: string, passphraseFile?: string) =>
    parseWish({ CREDBROKER_KEYRING_BACKEND: backend, CREDBROKER_PASSPHRASE_FILE: passphraseFile });

  it.each([
    ['keychain', 'keychain'],
    ['file', 'file'],
    ['memory', 'memory'],
    ['', null],
    [undefined, null],
  ])('with CREDBROKER_KEYRING_BACKEND %j is %j', (value, backend) => {
    expect(wish(value)).toEqual({ backend, passphraseFile: null });
    expect(wish(value, '')).toEqual({ backend, passphraseFile: null });
  });

  it.each(['file', '', undefined])('with CREDBROKER_PASSPHRASE_FILE and %j is the file under a passphrase', (value) => {
    expect(wish(value, '/run/secret')).toEqual({ backend: 'passphrase', passphraseFile: '/run/secret' });
  });

  it.each([
    ['Keychain', undefined, 'CREDBROKER_KEYRING_BACKEND is "Keychain". Use keychain, file or memory'],
    ['passphrase', undefined, 'CREDBROKER_KEYRING_BACKEND is "passphrase". Use keychain, file or memory'],
    ['file', 'secret', 'CREDBROKER_PASSPHRASE_FILE is "secret". Use a path from the root'],
    [
      'keychain',
      '/run/secret',
      'CREDBROKER_PASSPHRASE_FILE is set, and CREDBROKER_KEYRING_BACKEND is "keychain". Unset one of them',
    ],
    [
      'memory',
      '/run/secret',
      'CREDBROKER_PASSPHRASE_FILE is set, and CREDBROKER_KEYRING_BACKEND is "memory". Unset one of them',
    ],
  ])('is refused for %j and %j', (backend, passphraseFile, words) => {
    expect(() => wish(backend, passphraseFile)).toThrow(new BrokerError('ConfigInvalid', words));
  });

  it('is recorded for all but memory', () => {
    expect(() => parseRecordedBackend('memory')).toThrow();
    for (const backend of ['keychain', 'file', 'passphrase']) expect(parseRecordedBackend(backend)).toBe(backend);
  });
});

it('names a key in the home directory in few words', () => {
  const path = join('~', 'state', 'sessions.key');
  expect(fileKey(join(homedir(), 'state')).describe()).toBe(`an encrypted file (key in ${path})`);
  expect(arrange({ wish: 'memory' }).store.describe()).toBe('memory');
});
