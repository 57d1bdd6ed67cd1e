/** What a working day without faults costs the upstream, and whom it keeps waiting. */
import { type Day, runDay } from './day.ts';
import type { Population } from './population.ts';
import type { Row, Section } from './section.ts';
import type { Strategy } from './source.ts';
import { strategies } from './strategies.ts';
import { span } from './words.ts';

export interface ReportOptions {
  readonly population: Population;
  readonly seed: number;
}

export async function loadSection(lifeMs: number, { population, seed }: ReportOptions): Promise<Section> {
  const days: [Strategy, Day][] = [];
  for (const strategy of strategies) {
    days.push([strategy, await runDay({ strategy, population, lifeMs, outage: null, seed })]);
  }
  const uncached = days[0]?.[1].calls ?? 0;
  return {
    title: `Upstream load on a day without faults, ${span(lifeMs)} sets`,
    notes: [
      'calls: to upstream, in the working hours and the three hours after; fewer: how many times fewer than without a cache',
      'twice: calls that began while another for the same profile was under way; at once: most on one profile;',
      'busiest: calls in the busiest second',
      'waits: process starts that were not answered at once; failed: starts and signatures; cold: for a profile that had',
      'never had credentials; local: requests of the callers, each try counted',
      'late: calls after the last request for their profile; worst: of one profile',
    ],
    rows: days.map(([strategy, day]) => loadRow(strategy, day, uncached)),
  };
}

function loadRow(
  strategy: Strategy,
  { calls, upstream, measures, busiestSecond, afterLastUse }: Day,
  uncached: number,
): Row {
  return {
    strategy: strategy.name,
    calls,
    fewer: uncached / calls,
    twice: upstream.duplicates,
    'at once': upstream.mostAtOnce,
    busiest: busiestSecond,
    'waits, warm': measures.warmStartsWaited,
    'waits, cold': measures.coldStartsWaited,
    'failed, warm': measures.failed.starts + measures.failed.signatures,
    'failed, cold': measures.coldFailures,
    local: measures.localRequests,
    late: afterLastUse.all,
    worst: afterLastUse.most,
  };
}
