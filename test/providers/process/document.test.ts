import { describe, expect, it } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import { parseDocument } from '../../../src/providers/process/document.ts';

const now = epoch(Date.parse('2026-11-21T09:00:00Z'));
const startedAt = epoch(now - 4_000);

const whole = {
  Version: 1,
  AccessKeyId: 'ASIAEXAMPLE',
  SecretAccessKey: 'canary-secret',
  SessionToken: 'canary-session',
  Expiration: '2026-11-21T10:00:00Z',
};

const parse = (document: unknown) =>
  parseDocument(typeof document === 'string' ? document : JSON.stringify(document), startedAt, now);

const expiry = (document: unknown): string | null => {
  const verdict = parse(document);
  return verdict.type === 'ok' ? new Date(verdict.value.expiresAt).toJSON() : null;
};

describe("a helper's document", () => {
  it('holds credentials', () => {
    expect(parse({ ...whole, AccountId: '123456789012', Comment: 'others may be there' })).toEqual({
      type: 'ok',
      value: {
        accessKeyId: 'ASIAEXAMPLE',
        secretAccessKey: 'canary-secret',
        sessionToken: 'canary-session',
        expiresAt: Date.parse('2026-11-21T10:00:00Z'),
        accountId: '123456789012',
        roleArn: null,
        transaction: null,
      },
    });
  });

  it.each([
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.5Z', '2026-11-21T10:00:00.500Z'],
    ['2026-11-21T10:00:00.123456789Z', '2026-11-21T10:00:00.123Z'],
    ['2026-11-21T10:00:00+00:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.000-05:30', '2026-11-21T15:30:00.000Z'],
    ['2026-11-21 12:00:00+02:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T09:00:00.001Z', '2026-11-21T09:00:00.001Z'],
  ])('ends at %s', (Expiration, expected) => {
    expect(expiry({ ...whole, Expiration })).toBe(expected);
  });

  it.each([[undefined], [null], ['']])('that names no end (%j) lives for 15 minutes from the start', (Expiration) => {
    expect(expiry({ ...whole, Expiration })).toBe('2026-11-21T09:14:56.000Z');
  });

  const notJson = 'the helper printed something else than one JSON object';
  const noVersion = 'the helper printed no "Version": 1';
  const noTime = 'the helper printed an "Expiration" that is no RFC 3339 time';
  const unclean = 'the helper printed keys with spaces or control characters in them';
  const longLived = 'the helper printed keys without "SessionToken", and long-lived keys are not handed out';

  it.each([
    ['nothing', '', 'the helper printed nothing'],
    ['an empty line', ' \n', 'the helper printed nothing'],
    ['a word before it', `Assumed role.\n${JSON.stringify(whole)}`, notJson],
    ['itself twice', `${JSON.stringify(whole)}\n${JSON.stringify(whole)}\n`, notJson],
    ['a byte order mark', `\ufeff${JSON.stringify(whole)}`, notJson],
    ['half of it', JSON.stringify(whole).slice(0, -20), notJson],
    ['a list', [whole], notJson],
    ['null', 'null', notJson],
    ['no version', { ...whole, Version: undefined }, noVersion],
    ['a version in quotes', { ...whole, Version: '1' }, noVersion],
    ['the next version', { ...whole, Version: 2 }, noVersion],
    ['names in small letters', { Version: 1, accessKeyId: 'a', secretAccessKey: 'b' }, no('AccessKeyId')],
    ['no key id', { ...whole, AccessKeyId: undefined }, no('AccessKeyId')],
    ['a number for a key id', { ...whole, AccessKeyId: 7 }, no('AccessKeyId')],
    ['no secret key', { ...whole, SecretAccessKey: '' }, no('SecretAccessKey')],
    ['no session token', { ...whole, SessionToken: undefined }, longLived],
    ['an empty session token', { ...whole, SessionToken: '' }, longLived],
    ['a line break in a key', { ...whole, SecretAccessKey: 'canary-secret\n' }, unclean],
    ['an escape in a token', { ...whole, SessionToken: 'canary-\u001b[0m' }, unclean],
    ['a space in a key id', { ...whole, AccessKeyId: 'ASIA X' }, unclean],
    ['a letter of no key', { ...whole, SessionToken: 'canary-é' }, unclean],
    ['a time without a zone', { ...whole, Expiration: '2026-11-21T10:00:00' }, noTime],
    ['a zone without a colon', { ...whole, Expiration: '2026-11-21T10:00:00+0000' }, noTime],
    ['a day alone', { ...whole, Expiration: '2026-11-22' }, noTime],
    ['a month that is none', { ...whole, Expiration: '2026-13-21T10:00:00Z' }, noTime],
    ['seconds since 1970', { ...whole, Expiration: 1_800_000_000 }, noTime],
    [
      'an end that is now',
      { ...whole, Expiration: '2026-11-21T09:00:00Z' },
      'the helper printed credentials that ended at 2026-11-21T09:00:00.000Z',
    ],
  ])('is refused with %s, and not quoted', (_, document, detail) => {
    expect(parse(document)).toEqual({ type: 'denied', why: 'bad-request', detail });
    expect(detail).not.toContain('canary');
  });
});

function no(name: string): string {
  return `the helper printed no "${name}"`;
}
