import { describe, expect, it } from 'vitest';
import { parseCheckout } from '../../src/core/checkout.ts';
import { Kept, type KeptValues, parseKept } from '../../src/core/kept.ts';
import type { Checkout } from '../../src/core/types.ts';
import { epoch } from '../../src/core/types.ts';
import { MemoryFile } from '../support/memory-file.ts';

const checkout = (transaction: string): Checkout => ({ transaction, expiresAt: epoch(1_800_000_000_000) });

/** What a daemon that starts now finds in the file. */
const reopened = (file: MemoryFile<KeptValues<Checkout>>): Kept<Checkout> =>
  new Kept({ load: () => parseKept(parseCheckout)(file.load()), save: file.save });

describe('values under names', () => {
  it('are none where nothing was saved', () => {
    expect(new Kept<Checkout>(new MemoryFile()).of('dev')).toBeNull();
  });

  it.each(['dev', '__proto__', 'constructor', 'a/b c'])('outlive the daemon under the name "%s"', (name) => {
    const file = new MemoryFile<KeptValues<Checkout>>();
    new Kept(file).save(name, checkout('t-1'));
    expect(reopened(file).of(name)).toEqual(checkout('t-1'));
    expect(reopened(file).of('toString')).toBeNull();
  });

  it('leave one another alone', () => {
    const file = new MemoryFile<KeptValues<Checkout>>();
    const kept = new Kept(file);
    kept.save('dev', checkout('t-1'));
    kept.save('prod', checkout('t-2'));
    kept.save('dev', checkout('t-3'));
    kept.save('prod', null);
    expect([reopened(file).of('dev'), reopened(file).of('prod')]).toEqual([checkout('t-3'), null]);
    expect([kept.of('dev'), kept.of('prod')]).toEqual([checkout('t-3'), null]);
  });

  it('are on disk when they have been saved', () => {
    const file = new MemoryFile<KeptValues<Checkout>>();
    const kept = new Kept(file);
    kept.save('dev', checkout('t-1'));
    expect([file.saves, file.text]).toEqual([1, '{"dev":{"transaction":"t-1","expiresAt":1800000000000}}']);
  });

  it.each([
    ['a list', []],
    ['nothing', null],
    ['a text', 'x'],
    ['half a checkout', { dev: { transaction: 't-1' } }],
    ['a checkout of nothing', { dev: null }],
  ])('are refused as %s, which was never saved', (_, value) => {
    expect(() => parseKept(parseCheckout)(value)).toThrow(/^(it is not an object|a checkout is incomplete)$/);
  });
});
