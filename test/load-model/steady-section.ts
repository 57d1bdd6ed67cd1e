/** What one profile costs when it is asked for all the time, and what one busy process asks of us. */
import { hours } from '../support/fake-clock.ts';
import { type ClientClock, everyClock } from './client-clocks.ts';
import { runDay } from './day.ts';
import { ours, oursShortLead } from './engine.ts';
import { alwaysHot, busyProcess } from './population.ts';
import type { Row, Section } from './section.ts';
import type { Strategy } from './source.ts';
import { span } from './words.ts';

const days = 30;

export interface HotCalls {
  readonly mean: number;
  readonly worstDay: number;
}

/** Upstream calls of ours for a profile that is asked for every ten seconds, day and night. */
export async function hotCalls(lifeMs: number, seed: number): Promise<HotCalls> {
  const { upstream } = await runDay({ strategy: ours, population: alwaysHot(days), lifeMs, outage: null, seed });
  const counts = Array.from({ length: days }, () => 0);
  for (const at of upstream.calls.get(0) ?? []) {
    const day = Math.floor(at / hours(24));
    if (day < days) counts[day] = (counts[day] ?? 0) + 1;
  }
  return { mean: counts.reduce((total, one) => total + one, 0) / days, worstDay: Math.max(...counts) };
}

export async function hotSection(lives: readonly number[], seed: number): Promise<Section> {
  const rows: Row[] = [];
  for (const lifeMs of lives) {
    const { mean, worstDay } = await hotCalls(lifeMs, seed);
    rows.push({ sets: `${span(lifeMs)} sets`, 'calls a day': mean, 'busiest day': worstDay });
  }
  return {
    title: 'Upstream calls of ours per always-hot profile and day',
    notes: [`one profile, asked for every 10 s, ${days} days`],
    rows,
  };
}

/** Local requests of one process that signs every second, for a day. */
export async function localFetches(
  strategy: Strategy,
  clock: ClientClock,
  options: { readonly lifeMs: number; readonly seed: number },
): Promise<number> {
  const day = await runDay({ ...options, strategy, population: busyProcess(clock), outage: null });
  return day.measures.localRequests;
}

export async function busySection(lifeMs: number, seed: number): Promise<Section> {
  const rows: Row[] = [];
  for (const clock of everyClock) {
    const short = await localFetches(oursShortLead, clock, { lifeMs, seed });
    const full = await localFetches(ours, clock, { lifeMs, seed });
    rows.push({ client: clock.name, 'with a 5-min lead': short, ours: full });
  }
  return {
    title: `Local fetches a day by one busy process, ${span(lifeMs)} sets`,
    notes: ['one process that signs every second, alone on its profile; models of the clocks of the SDKs'],
    rows,
  };
}
