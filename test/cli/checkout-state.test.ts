import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCredentials } from '../../config/aws-credentials-edit.ts';
import {
  type CheckoutState,
  checkoutDirectory,
  fileNameOf,
  hashOf,
  isFresh,
  isReusable,
  isStillThere,
  listCheckouts,
  readCheckout,
  removeCheckout,
  saveCheckout,
} from '../../src/cli/checkout-state.ts';
import { tempDir } from '../support/temp-dir.ts';

const state: CheckoutState = {
  alias: 'aws-admin-prod',
  transactionId: 'txn-abc123',
  checkedOutAt: '2026-04-11T01:30:00Z',
  expiresAt: '2026-04-11T05:30:00Z',
  target: 'https://acme.britive-app.com pap env PROGRAMMATIC',
  awsProfile: 'aws-admin-prod',
  accessKeyIdHash: hashOf('ASIAEXAMPLE'),
  region: null,
};

const expiry = Date.parse(state.expiresAt);
const minutes = (count: number): number => count * 60_000;

describe('a checkout is fresh', () => {
  it.each([
    ['4:59', minutes(5) - 1_000, false],
    ['5:00', minutes(5), false],
    ['5:00.001', minutes(5) + 1, true],
    ['5:01', minutes(5) + 1_000, true],
    ['4 h', minutes(240), true],
    ['4 h and a second, the clock having been set back', minutes(240) + 1_000, false],
  ])('with %s left: %#', (_, left, fresh) => {
    expect(isFresh(state, expiry - left)).toBe(fresh);
  });

  it('never with times that are none', () => {
    expect(isFresh({ ...state, expiresAt: 'soon' }, 0)).toBe(false);
    expect(isFresh({ ...state, checkedOutAt: 'once' }, expiry - minutes(60))).toBe(false);
  });
});

describe('the section is still there (case 19)', () => {
  const text = withCredentials('', 'aws-admin-prod', {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 's',
    sessionToken: 't',
    region: null,
  });

  it.each([
    ['as it was written', text, true],
    ['with another key', text.replace('ASIAEXAMPLE', 'AKIAOTHER'), false],
    ['without its secret', text.replace(/aws_secret.*\n/, ''), false],
    ['under another name', text.replace('[aws-admin-prod]', '[other]'), false],
    ['in an empty file', '', false],
    ['in no file', null, false],
  ])('%s', (_, file, there) => {
    expect(isStillThere(state, file)).toBe(there);
  });
});

describe('a state file', () => {
  it('has the documented name and fields, no secret, and is for its owner alone', async () => {
    const directory = join(tempDir(), 'checkouts');
    await saveCheckout(directory, state);
    const file = join(directory, 'aws-admin-prod.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(state);
    expect(readFileSync(file, 'utf8')).not.toContain('ASIA');
    expect([statSync(file).mode & 0o777, statSync(directory).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await readCheckout(directory, 'aws-admin-prod')).toEqual(state);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('lies with the rest of the state', () => {
    expect(checkoutDirectory({ CREDBROKER_HOME: '/state' }, 'linux')).toBe('/state/checkouts');
  });

  it.each([
    ['nothing', ''],
    ['half of it', JSON.stringify(state).slice(0, 80)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number for the expiry', JSON.stringify({ ...state, expiresAt: 7 })],
    ['no hash', JSON.stringify({ ...state, accessKeyIdHash: undefined })],
    ['another alias', JSON.stringify({ ...state, alias: 'other' })],
  ])('with %s in it is none', async (_, text) => {
    const directory = tempDir();
    writeFileSync(join(directory, 'aws-admin-prod.json'), text);
    expect(await readCheckout(directory, 'aws-admin-prod')).toBeNull();
  });

  it('is read past fields that are not known, and without a transaction', async () => {
    const directory = tempDir();
    const text = JSON.stringify({ ...state, transactionId: null, later: { x: 1 } });
    writeFileSync(join(directory, 'aws-admin-prod.json'), text);
    expect(await readCheckout(directory, 'aws-admin-prod')).toEqual({ ...state, transactionId: null });
  });

  it('that is a directory is none, and one that is gone is gone', async () => {
    const directory = tempDir();
    mkdirSync(join(directory, 'a.json'));
    expect(await readCheckout(directory, 'a')).toBeNull();
    expect(await listCheckouts(directory)).toEqual([]);
    await removeCheckout(directory, 'missing');
    expect(await listCheckouts(join(directory, 'missing'))).toEqual([]);
  });

  it('is one of many that are listed by alias, and goes alone', async () => {
    const directory = tempDir();
    for (const alias of ['b', 'Ä/b', 'a']) await saveCheckout(directory, { ...state, alias });
    writeFileSync(join(directory, 'torn.json'), '{');
    expect((await listCheckouts(directory)).map(({ alias }) => alias)).toEqual(['a', 'b', 'Ä/b']);
    await removeCheckout(directory, 'Ä/b');
    expect((await listCheckouts(directory)).map(({ alias }) => alias)).toEqual(['a', 'b']);
  });
});

describe('a checkout is used again', () => {
  const text = withCredentials('', state.awsProfile, {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 's',
    sessionToken: 't',
    region: null,
  });
  const wanted = { now: expiry - minutes(227), target: state.target, credentialsFile: text };

  it.each([
    ['fresh, there and the same (case 17)', {}, true],
    ['about to end (case 18)', { now: expiry - minutes(5) }, false],
    ['overwritten (case 19)', { credentialsFile: '' }, false],
    ["another tenant's (case 35)", { target: 'https://other.britive-app.com pap env PROGRAMMATIC' }, false],
  ])('when it is %s', (_, changes, expected) => {
    expect(isReusable(state, { ...wanted, ...changes })).toBe(expected);
  });
});

describe('file names (case 36)', () => {
  const odd = [
    '../../etc/passwd',
    '..',
    '.',
    '',
    'a/b',
    'a\\b',
    'a:b',
    'C:\\x',
    'nul',
    'con.x',
    'A',
    'a\u0000',
    'ä',
    '💥',
    '-rf',
    ' a',
  ];

  it.each(odd)('of %j stay in the directory', (alias) => {
    expect(fileNameOf(alias)).toMatch(/^[a-z0-9_-]*\.[0-9a-f]{32}\.json$/);
  });

  it.each(['aws-admin-prod', 'prod_2', 'a.b', '0'])('of %s are the alias', (alias) => {
    expect(fileNameOf(alias)).toBe(`${alias}.json`);
  });

  it('never collide, on a disk that folds case either', () => {
    const imitation = fileNameOf('a/b').replace(/\.json$/, '');
    expect(fileNameOf(imitation)).not.toBe(fileNameOf('a/b'));
    const alias = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...odd, 'prod', 'Prod', 'PROD', 'e\u0301', 'é'),
    );
    fc.assert(
      fc.property(alias, alias, (one, other) => {
        fc.pre(one !== other);
        return fileNameOf(one).toLowerCase().normalize() !== fileNameOf(other).toLowerCase().normalize();
      }),
      { numRuns: 2000 },
    );
    expect(fileNameOf('x'.repeat(5_000)).length).toBeLessThan(120);
  });
});
