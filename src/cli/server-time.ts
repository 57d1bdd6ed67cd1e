/** What servers issue ends by their clocks. The daemon knows how far this machine's is from them. */
import type { StatusView } from '../core/views.ts';
import type { Context } from './context.ts';
import { duration, whole } from './time.ts';

type Known = Pick<StatusView, 'daemon'>;

/** Milliseconds since the epoch. */
export const serverNow = ({ now }: Pick<Context, 'now'>, { daemon }: Known): number => now() + daemon.clockOffsetMs;

const minute = 60_000;

/** Null where the clock is right to the minute: what is less wrong nobody notices. */
export function clockWarning({ daemon: { clockOffsetMs } }: Known): string | null {
  if (Math.abs(clockOffsetMs) <= minute) return null;
  const side = clockOffsetMs > 0 ? 'behind' : 'ahead of';
  const minutes = Math.round(Math.abs(clockOffsetMs) / minute);
  return `Your clock is ${whole(duration(minutes * minute))} ${side} the servers'. Set it right`;
}
