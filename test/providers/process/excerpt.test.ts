import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../../src/providers/process/excerpt.ts';

const accessKey = 'AKIAIOSFODNN7EXAMPLE';
const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

describe('what is shown of standard error', () => {
  it.each([
    ['nothing of nothing', '', ''],
    ['nothing of empty lines', ' \n\r\n\t', ''],
    ['the last line with words', 'Starting\nNo session. Run: aws sso login\n\n', 'No session. Run: aws sso login'],
    ['what overwrote a line', 'Waiting 3\rWaiting 2\rgave up', 'gave up'],
    ['no colours, titles and links', '\u001b[1;31mError\u001b[0m \u001b]0;title\u0007here', 'Error here'],
    ['no other controls', 'a\u0007b\u009bc\u202ed', 'a b c d'],
    ['letters of all tongues', 'Zugriff für „Bücher“ verweigert: 権限', 'Zugriff für „Bücher“ verweigert: 権限'],
    ['no quotes that would end ours', 'profile "dev" is gone', "profile 'dev' is gone"],
    ['names, paths and roles', 'no /usr/local/bin/credential-helper for arn:aws:iam::123456789012:role/Admin', null],
  ])('is %s', (_, stderr, expected) => {
    expect(excerptOf(stderr)).toBe(expected ?? stderr);
  });

  it.each([
    ['an access key id', `key ${accessKey} was refused`, 'key … was refused'],
    ['a session key id', 'ASIAIOSFODNN7EXAMPLE', '…'],
    ['a secret key', `got ${secretKey}, sorry`, 'got …, sorry'],
    ['a JWT', `bad token ${jwt}`, 'bad token …'],
    ['half a JWT', `bad ${jwt.slice(0, 30)}`, 'bad …'],
    ['a hexadecimal secret', `id ${'0f'.repeat(16)}!`, 'id …!'],
    ['a seed of one-time passwords', 'seed JBSWY3DPEHPK3PXPJBSWY3DP', 'seed …'],
    ['a bearer token', 'sent Authorization: Bearer abcdefghijklmnop', 'sent Authorization: Bearer …'],
    ['a value by its name', 'aws_secret_access_key = short', 'aws_secret_access_key = …'],
    ['a value in JSON', '{"SessionToken":"short","a":1}', "{'SessionToken':'…','a':1}"],
    ['a password of an argument', 'failed: login --password=short --user me', 'failed: login --password=… --user me'],
    ['a user in a URL', 'GET https://me:short@login.example/x failed', 'GET https://…@login.example/x failed'],
    ['a query', 'GET https://login.example/x?code=short failed', 'GET https://login.example/x?… failed'],
  ])('does not hold %s', (_, stderr, expected) => {
    expect(excerptOf(stderr)).toBe(expected);
  });

  it('has 120 characters at most, and no half of one', () => {
    expect(excerptOf('é'.repeat(120))).toBe('é'.repeat(120));
    const cut = excerptOf('😀 '.repeat(100));
    expect([cut, [...cut].length]).toEqual([`${'😀 '.repeat(59)}😀…`, 120]);
  });

  it('does not hold the beginning of a secret that is cut', () => {
    expect(excerptOf(`${'x '.repeat(55)}${secretKey}`)).not.toContain('wJal');
  });
});
