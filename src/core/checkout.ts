import { type Checkout, epoch } from './types.ts';

/** Throws for what was never saved. */
export function parseCheckout(value: unknown): Checkout {
  if (typeof value !== 'object' || value === null) throw new Error('it is not an object');
  const { transaction, expiresAt }: Partial<Record<keyof Checkout, unknown>> = value;
  if (typeof transaction !== 'string' || typeof expiresAt !== 'number') throw new Error('a checkout is incomplete');
  return { transaction, expiresAt: epoch(expiresAt) };
}
