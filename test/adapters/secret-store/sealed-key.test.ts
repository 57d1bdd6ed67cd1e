import { createDecipheriv, scryptSync } from 'node:crypto';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { sealKey, unsealKey } from '../../../src/adapters/secret-store/sealed-key.ts';
import { countScrypt } from '../../support/scrypt-calls.ts';

const key = new Uint8Array(32).fill(7);
const salt = Buffer.alloc(16, 1);
const header = { alg: 'dir', enc: 'A256GCM', kdf: 'scrypt', n: 2 ** 14, r: 8, p: 1, salt: salt.toString('base64url') };

/** What another writer with these parameters makes, where scrypt can do with them at all. */
const sealedWith = async (changes: object, payload: Uint8Array = key): Promise<string> => {
  const derived = scryptSync('open sesame', salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  const sealed = await new CompactEncrypt(payload).setProtectedHeader(header).encrypt(derived);
  const [, ...rest] = sealed.split('.');
  return [Buffer.from(JSON.stringify({ ...header, ...changes })).toString('base64url'), ...rest].join('.');
};

describe('a key under a passphrase', () => {
  let sealed = '';
  beforeAll(async () => {
    sealed = await sealKey(key, 'open sesame');
  });

  it('is opened by its passphrase and by no other', async () => {
    expect(await unsealKey(sealed, 'open sesame')).toEqual({ type: 'key', key });
    for (const wrong of ['', 'open sesame ', 'Open sesame']) {
      expect(await unsealKey(sealed, wrong)).toEqual({ type: 'refused' });
    }
  });

  it('says how it was made: scrypt at 2^17, a salt of 16 bytes, AES-256 in GCM', () => {
    expect(decodeProtectedHeader(sealed)).toEqual({
      ...{ alg: 'dir', enc: 'A256GCM', kdf: 'scrypt', n: 131_072, r: 8, p: 1 },
      salt: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  it('is what these words mean to others', () => {
    const [head = '', , nonce = '', text = '', tag = ''] = sealed.split('.');
    const { n, r, p, salt: own } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const derived = scryptSync('open sesame', Buffer.from(own, 'base64url'), 32, { N: n, r, p, maxmem: 2 ** 28 });
    const cipher = createDecipheriv('aes-256-gcm', derived, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
    cipher.setAAD(Buffer.from(head)).setAuthTag(Buffer.from(tag, 'base64url'));
    expect(Buffer.concat([cipher.update(Buffer.from(text, 'base64url')), cipher.final()])).toEqual(Buffer.from(key));
  });

  it('has another salt and another nonce each time', async () => {
    const [head, , nonce] = sealed.split('.');
    const [otherHead, , otherNonce] = (await sealKey(key, 'open sesame')).split('.');
    expect(otherHead).not.toBe(head);
    expect(otherNonce).not.toBe(nonce);
  });
});

describe('a header', () => {
  it.each([{}, { n: 2 ** 15 }, { n: 2 ** 18 }])('within the bounds is worked on: %j', async (changes) => {
    const calls = countScrypt();
    const sealed = await sealedWith(changes);
    const before = calls();
    // Only the header that was sealed opens; the others had their turn.
    expect((await unsealKey(sealed, 'open sesame')).type).toBe(changes.n === undefined ? 'key' : 'refused');
    expect(calls() - before).toBe(1);
  });

  it.each([
    { n: 2 ** 13 },
    { n: 2 ** 19 },
    { n: 2 ** 31 },
    { n: 2 ** 14 + 1 },
    { n: 1e300 },
    { n: -(2 ** 14) },
    { n: '16384' },
    { n: null },
    { r: 9 },
    { r: 2 ** 24 },
    { p: 2 },
    { p: 2 ** 20 },
    { salt: '' },
    { salt: Buffer.alloc(15).toString('base64url') },
    { salt: Buffer.alloc(512).toString('base64url') },
    { salt: 7 },
    { kdf: 'pbkdf2' },
    { alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31 - 1, p2s: 'AAAAAAAAAAA' },
    { enc: 'A128CBC-HS256' },
  ])('with %j is refused before any work', async (changes) => {
    const sealed = await sealedWith(changes);
    const calls = countScrypt();
    expect(await unsealKey(sealed, 'open sesame')).toEqual({ type: 'damaged' });
    expect(calls()).toBe(0);
  });

  it.each(['', 'nonsense', '....', 'e30....', `${Buffer.from('[]').toString('base64url')}....`, '{"n":16384}'])(
    'that is none is refused before any work: %j',
    async (sealed) => {
      const calls = countScrypt();
      expect(await unsealKey(sealed, 'open sesame')).toEqual({ type: 'damaged' });
      expect(calls()).toBe(0);
    },
  );

  it('cannot be exchanged for another that is within the bounds', async () => {
    expect(await unsealKey(await sealedWith({ extra: 1 }), 'open sesame')).toEqual({ type: 'refused' });
    expect(await unsealKey(await sealedWith({ zip: 'DEF' }), 'open sesame')).toEqual({ type: 'refused' });
  });
});

it('is no key unless it has 32 bytes', async () => {
  for (const length of [0, 31, 33]) {
    expect(await unsealKey(await sealedWith({}, new Uint8Array(length)), 'open sesame')).toEqual({ type: 'damaged' });
  }
});
