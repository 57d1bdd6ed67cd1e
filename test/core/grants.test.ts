import { describe, expect, it } from 'vitest';
import { grantSecrets } from '../../routes/tokens.ts';
import { covers, Grants, type GrantsRecord } from '../../src/core/grants.ts';
import type { GrantBody } from '../../src/core/views.ts';
import { FakeClock, hours, minutes, seconds } from '../support/fake-clock.ts';
import { MemoryFile } from '../support/memory-file.ts';

const shell: GrantBody = { label: 'shell', kind: 'install', profiles: '*', lifetimeMs: null };

function setUp() {
  const clock = new FakeClock();
  const file = new MemoryFile<GrantsRecord>();
  const open = () => new Grants({ clock, file, secrets: grantSecrets });
  return { clock, file, open, grants: open() };
}

describe('issuing', () => {
  it('hands out 32 random bytes as cb_ and base64url', () => {
    const { grants } = setUp();
    const first = grants.issue(shell).token;
    expect(first).toMatch(/^cb_[A-Za-z0-9_-]{43}$/);
    expect(grants.issue(shell).token).not.toBe(first);
  });

  it('refuses a lifetime whose end is no date', () => {
    const { grants } = setUp();
    expect(() => grants.issue({ ...shell, lifetimeMs: 1e17 })).toThrow('A grant cannot last that long');
    expect(grants.list()).toHaveLength(0);
  });

  it('keeps the hash and never the token', () => {
    const { grants, file } = setUp();
    const { token, id } = grants.issue(shell);
    expect(file.text).toContain(grantSecrets.digest(token));
    expect(file.text).not.toContain(token);
    expect(file.text).not.toContain(token.slice(3));
    expect(grantSecrets.digest(token).startsWith(id)).toBe(true);
  });

  it('has the grant on disk before the caller has the token', () => {
    const { grants, file, open } = setUp();
    const { token } = grants.issue(shell);
    expect(file.saves).toBe(1);
    expect(open().find(token)?.label).toBe('shell');
  });

  it('issues nothing when the disk is full', () => {
    const { grants, file } = setUp();
    file.isFull = true;
    expect(() => grants.issue(shell)).toThrow(
      expect.objectContaining({
        code: 'Failed',
        message: 'The grants could not be written to disk. Free some space, then try again',
      }),
    );
    expect(grants.list()).toEqual([]);
  });

  it('describes the grant without its hash', () => {
    const { grants } = setUp();
    const { token, ...view } = grants.issue({ ...shell, profiles: ['dev'], lifetimeMs: hours(1) });
    expect(view).toEqual({
      id: grantSecrets.digest(token).slice(0, 16),
      label: 'shell',
      kind: 'install',
      profiles: ['dev'],
      createdAt: '2026-11-21T09:00:00.000Z',
      expiresAt: '2026-11-21T10:00:00.000Z',
      lastUsedAt: null,
    });
    expect(grants.list()).toEqual([view]);
  });

  it('keeps at most 512', () => {
    const { grants, clock } = setUp();
    for (let count = 0; count < 511; count++) grants.issue(shell);
    grants.issue({ ...shell, lifetimeMs: minutes(1) });
    expect(() => grants.issue(shell)).toThrow('There are 512 grants already. Run: credbroker grant list');
    clock.advance(minutes(1));
    expect(grants.issue(shell).token).toMatch(/^cb_/);
  });
});

describe('finding', () => {
  it('knows nobody by an unknown token', () => {
    const { grants } = setUp();
    const { token } = grants.issue(shell);
    for (const other of ['', 'x', `${token}x`, token.slice(0, -1), token.toUpperCase()]) {
      expect(grants.find(other)).toBeNull();
    }
    expect(grants.find(token)).toMatchObject({ label: 'shell' });
  });

  it('compares the whole digest, also when the name of the grant fits', () => {
    const { clock, file } = setUp();
    const digests = new Map([
      ['right', `${'a'.repeat(16)}${'1'.repeat(48)}`],
      ['wrong', `${'a'.repeat(16)}${'2'.repeat(48)}`],
    ]);
    const secrets = { ...grantSecrets, newToken: () => 'right', digest: (token: string) => digests.get(token) ?? '' };
    const grants = new Grants({ clock, file, secrets });
    grants.issue(shell);
    expect(grants.find('wrong')).toBeNull();
    expect(grants.find('right')).not.toBeNull();
  });

  it('compares once for a known and for an unknown token', () => {
    const { clock, file } = setUp();
    let compared = 0;
    const same = (one: string, other: string) => {
      compared += 1;
      return grantSecrets.same(one, other);
    };
    const grants = new Grants({ clock, file, secrets: { ...grantSecrets, same } });
    const { token } = grants.issue(shell);
    grants.find(token);
    expect(compared).toBe(1);
    grants.find('cb_unknown');
    expect(compared).toBe(2);
  });

  it.each([
    ['a millisecond before its end', seconds(60) - 1, true],
    ['at its end', seconds(60), false],
    ['after its end', seconds(60) + 1, false],
  ])('judges a grant %s', (_when, passed, isFound) => {
    const { grants, clock } = setUp();
    const { token } = grants.issue({ ...shell, lifetimeMs: seconds(60) });
    clock.advance(passed);
    expect(grants.find(token) !== null).toBe(isFound);
    expect(grants.list().length).toBe(isFound ? 1 : 0);
  });

  it('survives a restart, without those that ended meanwhile', () => {
    const { grants, clock, open } = setUp();
    const lasting = grants.issue(shell);
    const short = grants.issue({ ...shell, lifetimeMs: minutes(1) });
    clock.advance(minutes(1));
    const after = open();
    expect(after.find(lasting.token)?.id).toBe(lasting.id);
    expect(after.find(short.token)).toBeNull();
    expect(after.list().map(({ id }) => id)).toEqual([lasting.id]);
  });
});

describe('revoking', () => {
  it('takes effect at once and for good', () => {
    const { grants, open } = setUp();
    const { id, token } = grants.issue(shell);
    grants.revoke(id);
    expect(grants.find(token)).toBeNull();
    expect(open().find(token)).toBeNull();
  });

  it('takes effect even when the disk is full, and says that it was not written', () => {
    const { grants, file } = setUp();
    const { id, token } = grants.issue(shell);
    file.isFull = true;
    expect(() => grants.revoke(id)).toThrow('could not be written to disk');
    expect(grants.find(token)).toBeNull();
  });

  it('refuses a name that no grant has', () => {
    const { grants } = setUp();
    expect(() => grants.revoke('nobody')).toThrow('There is no such grant. Run: credbroker grant list');
  });
});

describe('the time of last use', () => {
  it('costs at most one write a minute for all grants together', () => {
    const { grants, clock, file } = setUp();
    const [one, two] = [grants.issue(shell), grants.issue(shell)];
    const before = file.saves;
    for (let second = 0; second < 180; second++) {
      grants.touch(one.id);
      grants.touch(two.id);
      clock.advance(seconds(1));
    }
    expect(file.saves - before).toBe(2);
  });

  it('is shown to the minute and kept across a restart', () => {
    const { grants, clock, open } = setUp();
    const { id } = grants.issue(shell);
    clock.advance(minutes(5));
    grants.touch(id);
    clock.advance(seconds(59));
    grants.touch(id);
    expect(grants.list()[0]?.lastUsedAt).toBe('2026-11-21T09:05:00.000Z');
    expect(open().list()[0]?.lastUsedAt).toBe('2026-11-21T09:05:00.000Z');
  });

  it('is lost rather than a credential when the disk is full', () => {
    const { grants, clock, file } = setUp();
    const { id, token } = grants.issue(shell);
    clock.advance(minutes(1));
    file.isFull = true;
    expect(() => grants.touch(id)).not.toThrow();
    expect(grants.find(token)).not.toBeNull();
  });
});

it.each([
  ['*', 'dev', true],
  [['dev', 'prod'], 'prod', true],
  [['dev'], 'dev2', false],
  [['dev'], 'DEV', false],
  [[], 'dev', false],
] as const)('covers %j for "%s": %s', (profiles, profile, isCovered) => {
  const { grants } = setUp();
  const grant = grants.find(grants.issue({ ...shell, profiles }).token);
  expect(grant !== null && covers(grant, profile)).toBe(isCovered);
});
