import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import { dpopProof } from '../../../src/providers/aws-login/dpop.ts';
import { readDpopKey } from '../../../src/providers/aws-login/dpop-key.ts';
import { requireTool } from '../../support/required.ts';
import { newKey, pemOf, publicJwk } from '../../support/signin-client.ts';
import { tempDir } from '../../support/temp-dir.ts';

const coordinates = async (pem: string) => {
  const key = await readDpopKey(pem);
  return key && { x: key.x, y: key.y };
};

const ofNode = (pem: string) => {
  const { x, y } = publicJwk(createPrivateKey(pem));
  return { x, y };
};

/** Of SEC1 with the private number alone: OpenSSL works the rest out. */
const bare = (pem: string) => {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const der = Buffer.from([0x30, 37, 0x02, 1, 1, 0x04, 32, ...Buffer.from(d, 'base64url')]);
  return `-----BEGIN EC PRIVATE KEY-----\n${der.toString('base64')}\n-----END EC PRIVATE KEY-----`;
};

describe('case 63: the key of a sign-in', () => {
  const sec1 = pemOf(newKey());

  it.each([
    ['SEC1', sec1],
    ['PKCS#8', pemOf(createPrivateKey(sec1), 'pkcs8')],
    ['SEC1 with the line ends of Windows', sec1.replaceAll('\n', '\r\n')],
    ['SEC1 on one line', sec1.replaceAll('\n', '').replace('KEY-----', 'KEY-----\n')],
    ['SEC1 without a public half', bare(sec1)],
  ])('is read as %s', async (_what, pem) => {
    expect(await coordinates(pem)).toEqual(ofNode(sec1));
  });

  it('is read as OpenSSL writes it, behind the parameters of its curve', async (test) => {
    const path = join(tempDir(), 'key.pem');
    const openssl = requireTool(test, 'openssl');
    execFileSync(openssl, ['ecparam', '-name', 'prime256v1', '-genkey', '-out', path], { stdio: 'ignore' });
    const pem = readFileSync(path, 'utf8');
    expect(pem).toContain('EC PARAMETERS');
    expect(await coordinates(pem)).toEqual(ofNode(pem));
  });

  it.each([
    ['nothing', ''],
    ['no PEM', 'MHcCAQEE'],
    ['an empty key', '-----BEGIN EC PRIVATE KEY-----\n\n-----END EC PRIVATE KEY-----'],
    ['no Base64', sec1.replace(/\n.{10}/, '\n!!!!!!!!!!')],
    ['half a key', sec1.replace(/\n[^-]+/, (body) => `\n${body.slice(1, 41)}\n`)],
    ['a key of P-384', pemOf(newKey('P-384'))],
    ['a key of P-384 as PKCS#8', pemOf(newKey('P-384'), 'pkcs8')],
    ['a key of another curve of 256 bits', pemOf(newKey('secp256k1'))],
    ['a public key', createPublicKey(sec1).export({ type: 'spki', format: 'pem' }).toString()],
    [
      'a key of RSA',
      generateKeyPairSync('rsa', { modulusLength: 1024 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('is not read from %s', async (_what, pem) => {
    expect(await readDpopKey(pem)).toBeNull();
  });
});

it('a proof is a JWT of the form that RFC 9449 gives it', async () => {
  const key = newKey();
  const read = await readDpopKey(pemOf(key));
  if (read === null) throw new Error('the key cannot be read');
  const url = 'https://us-east-1.signin.aws.amazon.com/v1/token';
  const proof = await dpopProof(read, url, epoch(1_763_510_400_999));
  const [header = '', payload = '', signature = ''] = proof.split('.');
  const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(decoded(header)).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk(key) });
  expect(decoded(payload)).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    htm: 'POST',
    htu: url,
    iat: 1_763_510_400,
  });
  const raw = Buffer.from(signature, 'base64url');
  const publicKey = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' } as const;
  expect(raw).toHaveLength(64);
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, raw)).toBe(true);
});
