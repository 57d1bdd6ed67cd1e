/** Who goes on working while upstream is out of order, whenever in the life of a set that happens. */
import { hours } from '../support/fake-clock.ts';
import { type Day, runDay, sum } from './day.ts';
import type { ReportOptions } from './load-section.ts';
import type { Row, Section } from './section.ts';
import type { Strategy } from './source.ts';
import { strategies } from './strategies.ts';
import type { Outage } from './upstream.ts';
import { span } from './words.ts';

export interface Trouble {
  readonly lifeMs: number;
  readonly outageMs: number;
}

const phases = 12;

/** Outages that begin at every twelfth of a set's life, from the third hour on: all sets began together in the morning. */
function outages({ lifeMs, outageMs }: Trouble): readonly Outage[] {
  return Array.from({ length: phases }, (_, phase) => {
    const from = hours(3) + (phase * lifeMs) / phases;
    return { from, to: from + outageMs };
  });
}

export async function outageSection(trouble: Trouble, options: ReportOptions): Promise<Section> {
  const rows: Row[] = [];
  for (const strategy of strategies) rows.push(outageRow(strategy, await daysWith(strategy, trouble, options)));
  return {
    title: `Upstream out of order for ${span(trouble.outageMs)}, ${span(trouble.lifeMs)} sets`,
    notes: [
      `mean of ${phases} days, on each of which it begins at another twelfth of the life of a set; worst: of these days`,
      'signatures, starts: per cent of those in the outage that failed; after it: signatures a day that failed when',
      'upstream was back; calls: to upstream, the whole day; local: requests of the callers, each try counted',
    ],
    rows,
  };
}

export async function daysWith(strategy: Strategy, trouble: Trouble, options: ReportOptions): Promise<readonly Day[]> {
  const days: Day[] = [];
  for (const outage of outages(trouble))
    days.push(await runDay({ ...options, strategy, lifeMs: trouble.lifeMs, outage }));
  return days;
}

function outageRow(strategy: Strategy, days: readonly Day[]): Row {
  const of = (figure: (day: Day) => number) => days.map(figure);
  const signatures = of(({ measures: { duringOutage } }) =>
    percent(duringOutage.failedSignatures, duringOutage.signatures),
  );
  const starts = of(({ measures: { duringOutage } }) => percent(duringOutage.failedStarts, duringOutage.starts));
  return {
    strategy: strategy.name,
    'signatures %': mean(signatures),
    'worst signatures %': Math.max(...signatures),
    'starts %': mean(starts),
    'worst starts %': Math.max(...starts),
    'after it': mean(of(({ measures: { failed, duringOutage } }) => failed.signatures - duringOutage.failedSignatures)),
    calls: Math.round(mean(of(({ calls }) => calls))),
    local: Math.round(mean(of(({ measures }) => measures.localRequests))),
  };
}

const percent = (part: number, all: number): number => (all === 0 ? 0 : (100 * part) / all);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
