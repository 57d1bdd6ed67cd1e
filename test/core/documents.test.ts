import { describe, expect, it } from 'vitest';
import { renderServed } from '../../src/core/documents.ts';
import { type Credentials, epoch } from '../../src/core/types.ts';

const now = epoch(Date.parse('2026-11-21T09:00:00.987Z'));
const credentials: Credentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
  secretAccessKey: 'secret/key+of/forty/characters/012345678',
  sessionToken: 'token==',
  expiresAt: epoch(Date.parse('2026-11-21T10:00:00.999Z')),
  accountId: '123456789012',
  roleArn: null,
  transaction: null,
};
const render = (change: Partial<Credentials> = {}) => renderServed('dev', 3, { ...credentials, ...change }, now);
const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe('the container document', () => {
  it('case 27, 28 and 29: has the keys of the protocol, strings alone, and times cut to the second', () => {
    expect(parse(render().container)).toEqual({
      Code: 'Success',
      LastUpdated: '2026-11-21T09:00:00Z',
      Type: 'AWS-HMAC',
      AccessKeyId: 'ASIAEXAMPLEEXAMPLE12',
      SecretAccessKey: 'secret/key+of/forty/characters/012345678',
      Token: 'token==',
      Expiration: '2026-11-21T10:00:00Z',
      AccountId: '123456789012',
    });
  });

  it('case 30: leaves out an account id that is not twelve digits', () => {
    for (const accountId of [null, '', '1234', '12345678901x']) {
      expect(parse(render({ accountId }).container)).not.toHaveProperty('AccountId');
    }
  });

  it('case 31: takes a session token of 6 kB and refuses one of 9.9 kB', () => {
    expect(render({ sessionToken: 'x'.repeat(6_000) }).container.byteLength).toBeLessThan(10_000);
    expect(() => render({ sessionToken: 'x'.repeat(9_900) })).toThrow(
      'Credentials for "dev" are too large for AWS clients',
    );
  });
});

it('case 67: the process document says SessionToken and Version 1', () => {
  expect(parse(render().process)).toEqual({
    Version: 1,
    AccessKeyId: 'ASIAEXAMPLEEXAMPLE12',
    SecretAccessKey: 'secret/key+of/forty/characters/012345678',
    SessionToken: 'token==',
    Expiration: '2026-11-21T10:00:00Z',
    AccountId: '123456789012',
  });
});

it('case 68: no process document reaches the 8 KiB that the first Go SDK reads', () => {
  expect(() => render({ sessionToken: 'x'.repeat(7_900) })).toThrow('too large');
});

it.each(['', 'line\nbreak', 'nul\0', 'space here', 'ünicode'])('refuses the value %j', (sessionToken) => {
  expect(() => render({ sessionToken })).toThrow('Upstream sent credentials for "dev" that no client could use');
});
