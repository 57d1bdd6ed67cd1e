/** Durations as people write and read them. */
import { BrokerError } from '../core/errors.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day };

/** `5h 23m`, `12m`, `41s`; milliseconds in. Never rounds up, so that nothing seems to last longer than it does. */
export function duration(ms: number): string {
  const rest = Math.max(0, ms);
  if (rest >= day) return `${Math.floor(rest / day)}d ${Math.floor((rest % day) / hour)}h`;
  if (rest >= hour) return `${Math.floor(rest / hour)}h ${Math.floor((rest % hour) / minute)}m`;
  if (rest >= minute) return `${Math.floor(rest / minute)}m`;
  return `${Math.floor(rest / second)}s`;
}

/** `4h`, not `4h 0m`. */
export const whole = (duration: string): string => duration.replace(/ 0[hm]$/, '');

/** What is left until an ISO 8601 time. */
export const remaining = (until: string, now: number): string => duration(Date.parse(until) - now);

/** `12s`, `3m`: how long to wait until an ISO 8601 time; at least a second. */
export const wait = (until: string, now: number): string => pause(Date.parse(until) - now);

/** The same for milliseconds. */
export const pause = (ms: number): string => duration(Math.max(second, Math.ceil(ms / second) * second));

/** The same for what a person was promised moments ago: rounded up to a whole minute, below an hour to a whole second. */
export const remainingAtMost = (until: string, now: number): string => {
  const left = Date.parse(until) - now;
  const minutes = Math.ceil(left / minute) * minute;
  return duration(minutes >= hour ? minutes : Math.ceil(left / second) * second);
};

/** What has passed since an ISO 8601 time. */
export const elapsed = (since: string, now: number): string => duration(now - Date.parse(since));

/** ISO 8601 in whole seconds, rounded down. */
export const isoSeconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** `90s`, `15m`, `8h`, `7d` as milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new BrokerError('BadRequest', `"${text}" is no duration. Write it like 90s, 15m, 8h or 7d`);
}
