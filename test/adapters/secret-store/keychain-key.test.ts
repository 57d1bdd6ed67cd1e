import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KeychainKey } from '../../../src/adapters/secret-store/keychain-key.ts';
import type { KeyringAnswer, KeyringRequest } from '../../../src/adapters/secret-store/keyring-child.ts';
import { FakeClock, seconds, settled } from '../../support/fake-clock.ts';

const key = Buffer.alloc(32, 9);

/** A keychain that answers when and what the test says. */
const arrange = (answerMs = 60_000) => {
  const clock = new FakeClock();
  const requests: KeyringRequest[] = [];
  const waiting: ((answer: KeyringAnswer) => void)[] = [];
  const keychain = new KeychainKey({
    ask: async (request) => {
      requests.push(request);
      return new Promise((resolve) => waiting.push(resolve));
    },
    account: 'home',
    entryFile: fileURLToPath(import.meta.url),
    mono: clock.mono,
    answerMs,
    deadlineMs: 60_000,
  });
  const answer = async (given: KeyringAnswer): Promise<void> => {
    await settled();
    waiting.shift()?.(given);
  };
  return { clock, requests, keychain, answer };
};

describe('the key in the keychain', () => {
  it('is fetched once for callers who ask together', async () => {
    const { keychain, requests, answer } = arrange();
    const reads = [keychain.read(), keychain.read(), keychain.read()];
    await answer({ type: 'done', secret: key.toString('base64url') });
    expect(await Promise.all(reads)).toEqual(Array(3).fill({ type: 'value', key }));
    expect(requests).toHaveLength(1);
  });

  it('does not keep a caller waiting for a person, and serves the next one from the same call', async () => {
    const { keychain, requests, answer } = arrange(0);
    expect(await keychain.read()).toMatchObject({ type: 'unavailable', why: 'busy' });
    expect(await keychain.read()).toMatchObject({ type: 'unavailable', why: 'busy' });
    expect(requests).toHaveLength(1);
    await answer({ type: 'done', secret: key.toString('base64url') });
    await settled();
    const next = keychain.read();
    await answer({ type: 'done', secret: key.toString('base64url') });
    await next;
    expect(requests).toHaveLength(2);
  });

  it('leaves a keychain that failed alone for thirty seconds', async () => {
    const { clock, keychain, requests, answer } = arrange();
    const first = keychain.read();
    await answer({ type: 'failed', detail: 'did not answer in time' });
    const failed = await first;
    clock.advance(seconds(30) - 1);
    expect(await keychain.read()).toBe(failed);
    clock.advance(1);
    const again = keychain.read();
    await answer({ type: 'done', secret: null });
    expect(await again).toEqual({ type: 'none' });
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['did not answer in time', 'busy'],
    ['Platform failure: DBus error: Did not receive a reply. Possible causes include: …', 'busy'],
    ['Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files', 'absent'],
    ['Platform failure: DBus error: Failed to connect to socket /x: No such file or directory', 'absent'],
    ["Cannot find module '@napi-rs/keyring-linux-x64-gnu'", 'absent'],
    ['Locked: unlock prompt was dismissed', 'busy'],
    ['AccessDenied', 'busy'],
    ['something nobody has seen', 'busy'],
  ])('takes %j for %s', async (detail, why) => {
    const { keychain, answer } = arrange();
    const read = keychain.read();
    await answer({ type: 'failed', detail });
    expect(await read).toMatchObject({ type: 'unavailable', why });
  });

  it.each(['', 'short', 'x'.repeat(44), `${'A'.repeat(42)}`])(
    'is never made of a damaged entry: %j',
    async (secret) => {
      const { keychain, answer } = arrange();
      const read = keychain.read();
      await answer({ type: 'done', secret });
      expect(await read).toMatchObject({ type: 'unavailable', why: 'busy' });
    },
  );

  it.each([
    [{ type: 'done', secret: key.toString('base64url') }, 'done'],
    [{ type: 'done', secret: null }, 'unavailable'],
    [{ type: 'done', secret: 'other' }, 'unavailable'],
    [{ type: 'failed', detail: 'QuotaExceeded' }, 'unavailable'],
  ] as const)('counts as written only when it reads back: %j', async (given, type) => {
    const { keychain, requests, answer } = arrange();
    const write = keychain.write(key);
    await answer(given);
    expect((await write).type).toBe(type);
    expect(requests[0]).toMatchObject({ action: 'write', service: 'credbroker', account: 'home' });
  });
});
