import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  type AwsCheckout,
  alreadyCheckedOut,
  awsCheckoutOf,
  checkedOut,
  renderCheckout,
} from '../../src/cli/checkout-output.ts';
import { requireTool } from '../support/required.ts';

const document = {
  Version: 1,
  AccessKeyId: 'ASIAEXAMPLE',
  SecretAccessKey: 'wJalr/K7+MD=',
  SessionToken: 'IQoJ//8=',
  Expiration: '2026-11-21T16:00:00Z',
  AccountId: '123456789012',
};

const checkout = awsCheckoutOf(document, 'eu-west-1');

/** Every printable character of ASCII, in an order that opens quotes, substitutions and comments. */
const nasty = `'"$(id)\`id\`\\'\\\\!!#~*?[a]{b,c};&|<>^%PATH%\${HOME}@_-+=:/.,${String.fromCharCode(
  ...Array.from({ length: 94 }, (_, at) => 33 + at),
)}`;

const hostile: AwsCheckout = {
  ...checkout,
  accessKeyId: nasty,
  secretAccessKey: `${nasty}\\`,
  sessionToken: `'${nasty}'`,
};

const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'];
const print = `${process.execPath} -p "JSON.stringify([${names.map((name) => `process.env.${name}`).join(', ')}])"`;

describe('the variables', () => {
  it.for([
    ['sh', 'env', 'eval "$CODE"'],
    ['dash', 'env', 'eval "$CODE"'],
    ['bash', 'env', 'eval "$CODE"'],
    ['zsh', 'env', 'eval "$CODE"'],
    ['fish', 'fish', 'echo -n $CODE | source'],
  ] as const)('arrive in %s as they were, whatever they hold', ([shell, format, evaluate], test) => {
    const code = renderCheckout(format, hostile, {});
    const answer = execFileSync(requireTool(test, shell), ['-c', `${evaluate}\n${print}`], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', CODE: code },
      encoding: 'utf8',
    });
    expect(JSON.parse(answer)).toEqual([
      hostile.accessKeyId,
      hostile.secretAccessKey,
      hostile.sessionToken,
      hostile.expiration,
    ]);
  });

  it.each([
    ["it's", "'it''s'"],
    ['‘typo’graphic‚‛', "'‘‘typo’’graphic‚‚‛‛'"],
    ['$env:PATH `n $(id) "x"', '\'$env:PATH `n $(id) "x"\''],
    ['\\', "'\\'"],
  ])('are quoted for PowerShell by about_Quoting_Rules: %s', (value, quoted) => {
    const code = renderCheckout('powershell', { ...checkout, sessionToken: value }, {});
    expect(code.split('\n')).toContain(`$env:AWS_SESSION_TOKEN = ${quoted}`);
  });

  it('name the region twice and the account once', () => {
    expect(renderCheckout('env', checkout, {})).toBe(`export AWS_ACCESS_KEY_ID='ASIAEXAMPLE'
export AWS_SECRET_ACCESS_KEY='wJalr/K7+MD='
export AWS_SESSION_TOKEN='IQoJ//8='
export AWS_CREDENTIAL_EXPIRATION='2026-11-21T16:00:00Z'
export AWS_ACCOUNT_ID='123456789012'
export AWS_REGION='eu-west-1'
export AWS_DEFAULT_REGION='eu-west-1'
`);
  });

  it('take away what SDKs would prefer, where it is set', () => {
    const code = renderCheckout('env', checkout, { AWS_PROFILE: 'other', AWS_SECURITY_TOKEN: '' });
    expect(code.split('\n').slice(0, 2)).toEqual(['unset AWS_PROFILE', 'unset AWS_SECURITY_TOKEN']);
    expect(code).not.toContain('AWS_DEFAULT_PROFILE');
  });
});

describe('the documents', () => {
  it('are what credential_process asks for, on one line (case 22)', () => {
    const text = renderCheckout('process', checkout, {});
    expect(JSON.parse(text)).toEqual(document);
    expect(text.indexOf('\n')).toBe(text.length - 1);
  });

  it("have the field names of bctl's json", () => {
    expect(JSON.parse(renderCheckout('json', checkout, {}))).toEqual({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'wJalr/K7+MD=',
      sessionToken: 'IQoJ//8=',
      expiration: '2026-11-21T16:00:00Z',
      accountId: '123456789012',
      region: 'eu-west-1',
    });
  });

  it('leave out what is not known', () => {
    const { AccountId: _, ...without } = document;
    const plain = awsCheckoutOf(without, null);
    expect(JSON.parse(renderCheckout('process', plain, {}))).toEqual(without);
    expect(Object.keys(JSON.parse(renderCheckout('json', plain, {})))).not.toContain('region');
  });
});

describe('a document that no client could use', () => {
  it.each(['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'])('has no, or an odd, %s', (name) => {
    for (const value of [undefined, null, '', 7, 'a\nb', 'a\u0000', 'a b', 'a\u001b[0m']) {
      expect(() => awsCheckoutOf({ ...document, [name]: value }, null)).toThrow(
        'Upstream sent credentials that no client could use. Run: credbroker status',
      );
    }
  });

  it('has an expiry that is no time, or a region that is no name', () => {
    expect(() => awsCheckoutOf({ ...document, Expiration: 'soon' }, null)).toThrow('no client could use');
    expect(() => awsCheckoutOf(document, 'eu\nwest')).toThrow('no client could use');
  });
});

describe('the line for the person', () => {
  const now = Date.parse('2026-04-11T01:43:00Z');

  it("is the seed's, rounded down, for what is held", () => {
    expect(alreadyCheckedOut('aws-admin-prod', '2026-04-11T05:30:59Z', now)).toBe(
      'aws-admin-prod is already checked out (expires in 3h 47m)',
    );
  });

  it("is the seed's, rounded up, for what came a moment ago", () => {
    expect(checkedOut('aws-admin-prod', '2026-04-11T05:42:58Z', now)).toBe(
      'Checked out aws-admin-prod (expires in 4h)',
    );
  });

  it.each([
    ['2026-04-11T01:44:15Z', '1m'],
    ['2026-04-11T02:41:30Z', '58m'],
    ['2026-04-11T02:42:30Z', '1h'],
    ['2026-04-11T02:43:30Z', '1h 1m'],
  ])('promises less than an hour to the second, so that 75 seconds are not two minutes: %s', (expiresAt, words) => {
    expect(checkedOut('a', expiresAt, now)).toBe(`Checked out a (expires in ${words})`);
  });

  it('does not take the milliseconds of an answer for a minute', () => {
    expect(checkedOut('a', '2026-04-11T01:58:00Z', now + 200)).toBe('Checked out a (expires in 15m)');
  });

  it.each([
    ['2026-04-11T02:43:00Z', '1h'],
    ['2026-04-11T02:42:59Z', '59m'],
    ['2026-04-13T01:43:00Z', '2d'],
    ['2026-04-11T11:43:00Z', '10h'],
    ['2026-04-11T11:53:00Z', '10h 10m'],
  ])('says of %s "%s"', (expiresAt, words) => {
    expect(alreadyCheckedOut('a', expiresAt, now)).toBe(`a is already checked out (expires in ${words})`);
  });
});
