import { describe, expect, it } from 'vitest';
import { ShownOnce } from '../../../src/providers/britive/shown-once.ts';
import { epoch } from '../../../src/providers/britive/types.ts';
import { FakeClock, minutes } from '../../support/fake-clock.ts';

const tokens = { value: { kind: 'gcp', clientEmail: 'x@example.com', keyFile: '{}' }, expiresAt: null } as const;

const world = () => {
  const clock = new FakeClock();
  const shown = new ShownOnce(clock);
  const keep = (transaction: string, endsAt = epoch(clock.now() + minutes(10))) =>
    shown.keep(transaction, { owner: 'me', tokens, endsAt });
  const isKept = (transaction: string) => shown.of(transaction, 'me') !== null;
  return { clock, shown, keep, isKept };
};

describe('a secret that is shown once', () => {
  it('is kept until its checkout ends', () => {
    const { clock, keep, isKept } = world();
    keep('txn');
    clock.advance(minutes(10) - 1);
    expect(isKept('txn')).toBe(true);
    clock.advance(1);
    expect(isKept('txn')).toBe(false);
  });

  it('is one of the last hundred', () => {
    const { keep, isKept } = world();
    for (let n = 0; n < 100; n++) keep(`txn-${n}`);
    keep('txn-0');
    keep('txn-100');
    expect(['txn-0', 'txn-1', 'txn-2', 'txn-100'].map(isKept)).toEqual([true, false, true, true]);
  });

  it('is none that a tenant shows as often as it is asked', () => {
    const { shown, isKept } = world();
    const token = { value: { kind: 'kubernetes', token: 'jwt' }, expiresAt: null } as const;
    shown.keep('txn', { owner: 'me', tokens: token, endsAt: null });
    expect(isKept('txn')).toBe(false);
  });
});
