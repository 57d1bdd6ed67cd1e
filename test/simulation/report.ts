/** What a run says to the person who started it. */
import type { SeedReport } from './run-seed.ts';

/** What to look at, what led to it, and the command that brings it back. */
export function describeFailure({ seed, complaints, story }: SeedReport, hours: number): string {
  const replay = `npm run simulate -- --first ${seed} --seeds 1 --hours ${hours}`;
  return [`seed ${seed}: ${complaints[0] ?? ''}`, ...story, `seed ${seed}: ${complaints[0] ?? ''}`, replay].join('\n');
}

export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const widest = Math.max(...Object.values(counts).map((times) => String(times).length));
  return Object.entries(counts)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([what, times]) => `${String(times).padStart(widest)}  ${what}`)
    .join('\n');
}
