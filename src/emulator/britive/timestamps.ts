/** All the ways in which a tenant may write a moment. */
import type { TenantKnobs } from './knobs.ts';

const twoHoursMs = 2 * 3_600_000;

export function timestamp(ms: number, format: TenantKnobs['timestamps']): string {
  const seconds = new Date(ms).toISOString().slice(0, 19);
  switch (format) {
    case 'utc':
      return `${seconds}Z`;
    case 'fraction':
      return new Date(ms).toISOString();
    case 'offset':
      return `${new Date(ms + twoHoursMs).toISOString().slice(0, 19)}+02:00`;
    case 'naive':
      return seconds.replace('T', ' ');
    case 'garbage':
      return 'soon';
  }
}
