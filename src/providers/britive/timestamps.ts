import { type EpochMs, epoch } from '../../core/types.ts';

const pattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Britive writes times with and without a zone, which is UTC then. Null for anything that is no time. */
export const parseTime = (value: unknown): EpochMs | null => {
  const found = typeof value === 'string' ? pattern.exec(value.trim()) : null;
  if (found === null) return null;
  const [, date, time, fraction = '', zone = 'Z'] = found;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^(.\d{2}):?(\d{2})$/, '$1:$2');
  const ms = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(ms) ? null : epoch(ms);
};

/** The earlier one of what is known. */
export const earliest = (...times: readonly (EpochMs | null)[]): EpochMs | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : epoch(Math.min(...known));
};
