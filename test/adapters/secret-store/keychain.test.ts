import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { beforeEach, describe, expect, it } from 'vitest';
import { JweStore } from '../../../src/adapters/secret-store/jwe-store.ts';
import { systemKeychain } from '../../../src/adapters/secret-store/open-secret-store.ts';
import { bundledScript } from '../../support/bundled-script.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import type { SessionBus } from '../../support/session-bus.ts';
import { sessionBus } from '../../support/session-bus.ts';
import { tempDir } from '../../support/temp-dir.ts';

const thisFile = fileURLToPath(import.meta.url);
const clock = new FakeClock();

const keychainFor = (directory: string, env: NodeJS.ProcessEnv) =>
  systemKeychain({ directory, env, entryFile: thisFile, clock: new FakeClock() });

const storeFor = (directory: string, env: NodeJS.ProcessEnv) =>
  new JweStore({ directory, key: keychainFor(directory, env), clock, log: recordingLog() });

describe.runIf(process.platform === 'linux')('with a real Secret Service', () => {
  let bus: SessionBus;
  beforeEach(async (test: TestContext) => {
    bus = await sessionBus(test);
  });

  it('keeps secrets in a file that only the key in the keyring opens', async () => {
    await bus.startKeyring('\n');
    const directory = tempDir();
    const store = storeFor(directory, bus.env);
    expect(await store.get('session:work')).toEqual({ type: 'none' });
    expect(await store.set('session:work', 'refresh-token-canary')).toEqual({ type: 'done' });
    expect(await storeFor(directory, bus.env).get('session:work')).toEqual({
      type: 'value',
      value: 'refresh-token-canary',
    });
    expect(readFileSync(join(directory, 'sessions.jwe'), 'latin1')).not.toContain('canary');
    const shown = bus.secretTool(['lookup', 'service', 'credbroker', 'username', directory]);
    expect(Buffer.from(shown.trim(), 'base64url')).toHaveLength(32);
  });

  it('works the same from a single bundled file', async () => {
    await bus.startKeyring('\n');
    const directory = tempDir();
    const script = bundledScript(`
      import { systemKeychain } from './src/adapters/secret-store/open-secret-store.ts';
      import { systemClock } from './src/adapters/clock.ts';
      const [, entryFile = '', directory = ''] = process.argv;
      const keychain = systemKeychain({ directory, env: process.env, entryFile, clock: systemClock() });
      const run = async () => [await keychain.read(), await keychain.write(new Uint8Array(32).fill(7)), await keychain.read()];
      run().then((results) => process.stdout.write(JSON.stringify(results.map(({ type }) => type))));
    `);
    const output = execFileSync(process.execPath, [script, directory], { env: bus.env, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual(['none', 'done', 'value']);
    expect(await keychainFor(directory, bus.env).read()).toEqual({ type: 'value', key: Buffer.alloc(32, 7) });
  });

  it('moves the file aside and starts anew when the keyring says for certain that the key is gone', async () => {
    await bus.startKeyring('\n');
    const directory = tempDir();
    await storeFor(directory, bus.env).set('a', '1');
    bus.secretTool(['clear', 'service', 'credbroker', 'username', directory]);
    const store = storeFor(directory, bus.env);
    expect(await store.get('a')).toEqual({ type: 'none' });
    expect(await store.set('a', '2')).toEqual({ type: 'done' });
    expect(await storeFor(directory, bus.env).get('a')).toEqual({ type: 'value', value: '2' });
  });

  it('calls a frozen keyring unavailable, while the event loop runs on', async () => {
    const keyring = await bus.startKeyring('\n');
    const directory = tempDir();
    await storeFor(directory, bus.env).set('a', '1');
    const before = readFileSync(join(directory, 'sessions.jwe'));
    keyring.kill('SIGSTOP');
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 20);
    const read = await storeFor(directory, bus.env).get('a');
    clearInterval(ticking);
    // The library gives up after two seconds, our caller after three: on a slow machine it is the second.
    expect(read).toMatchObject({
      type: 'unavailable',
      detail: expect.stringMatching(/does not answer|has not answered/),
    });
    // A loop blocked for those two seconds would have turned once or twice.
    expect(turns).toBeGreaterThan(10);
    expect(readFileSync(join(directory, 'sessions.jwe'))).toEqual(before);
    keyring.kill('SIGCONT');
    expect(await storeFor(directory, bus.env).get('a')).toEqual({ type: 'value', value: '1' });
  });

  it('calls a locked keyring unavailable, and opens the same file once it is unlocked', async () => {
    const unlocked = await bus.startKeyring('pw');
    const directory = tempDir();
    await storeFor(directory, bus.env).set('a', '1');
    unlocked.kill('SIGKILL');
    const locked = await bus.startLockedKeyring();
    expect(await storeFor(directory, bus.env).get('a')).toEqual({
      type: 'unavailable',
      detail: 'The keychain is locked. Unlock it, or set CREDBROKER_KEYRING_BACKEND=file',
    });
    locked.kill('SIGKILL');
    await bus.startKeyring('pw');
    expect(await storeFor(directory, bus.env).get('a')).toEqual({ type: 'value', value: '1' });
  });

  it('calls a bus without a keyring absent', async () => {
    expect(await keychainFor(tempDir(), bus.env).read()).toMatchObject({ type: 'unavailable', why: 'absent' });
  });
});

describe.runIf(process.platform === 'linux')('without a session bus', () => {
  it.each([{}, { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }])(
    'there is no keychain, and the kernel keyring does not stand in for it: %j',
    async (bus) => {
      const home = tempDir();
      mkdirSync(join(home, 'run'));
      const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), ...bus };
      const keychain = keychainFor(tempDir(), env);
      expect(await keychain.read()).toEqual({
        type: 'unavailable',
        why: 'absent',
        detail: 'There is no keychain here',
      });
      expect(await keychain.write(new Uint8Array(32))).toMatchObject({ type: 'unavailable' });
    },
  );
});
