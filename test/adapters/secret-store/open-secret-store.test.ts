import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileKey } from '../../../src/adapters/secret-store/file-key.ts';
import type { Backend } from '../../../src/adapters/secret-store/open-secret-store.ts';
import {
  openSecretStore,
  parseBackend,
  parseRecordedBackend,
} from '../../../src/adapters/secret-store/open-secret-store.ts';
import type { KeyRead, KeySource } from '../../../src/adapters/secret-store/secret-store.ts';
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
  readonly recorded?: Backend;
}

const arrange = ({ wish, recorded }: Given = {}, directory = tempDir(), keychain = new FakeKeychain()) => {
  const state = new MemoryFile<Backend>();
  if (recorded !== undefined) state.save(recorded);
  const log = recordingLog();
  const open = () =>
    openSecretStore({ directory, wish: wish ?? null, recorded: state, keychain, clock: new FakeClock(), log });
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

  it('is made once for those who ask together', async () => {
    const { keychain, store } = arrange();
    await Promise.all([store.get('a'), store.get('b'), store.delete('c')]);
    expect(keychain.reads).toBe(1);
  });
});

describe('the name of a backend', () => {
  it.each([
    ['keychain', 'keychain'],
    ['file', 'file'],
    ['memory', 'memory'],
    ['', null],
    [undefined, null],
  ])('in CREDBROKER_KEYRING_BACKEND may be %j', (value, expected) => {
    expect(parseBackend(value)).toBe(expected);
  });

  it('is refused when it is another', () => {
    expect(() => parseBackend('Keychain')).toThrow(
      'CREDBROKER_KEYRING_BACKEND is "Keychain". Use keychain, file or memory',
    );
    expect(() => parseRecordedBackend('memory')).toThrow();
    expect(parseRecordedBackend('file')).toBe('file');
  });
});

it('names a key in the home directory in few words', () => {
  const path = join('~', 'state', 'sessions.key');
  expect(fileKey(join(homedir(), 'state')).describe()).toBe(`an encrypted file (key in ${path})`);
  expect(arrange({ wish: 'memory' }).store.describe()).toBe('memory');
});
