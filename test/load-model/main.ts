/**
 * The upstream load report: what the shipped engine and other ways of keeping credentials ask of an identity system, and
 * what becomes of their callers when it is out of order. Prints tables, or with `--json` the same figures as JSON.
 */
import { parseArgs } from 'node:util';
import { hours, minutes } from '../support/fake-clock.ts';
import { loadSection } from './load-section.ts';
import { outageSection } from './outage-section.ts';
import { workingDay } from './population.ts';
import { type Section, sectionText } from './section.ts';
import { busySection, hotSection } from './steady-section.ts';

const about = [
  'Upstream load report',
  '',
  `${workingDay.profiles} profiles of Zipf popularity, ${workingDay.signers + workingDay.loops} callers for 9 h in virtual time: ${workingDay.signers} long-running processes that sign every`,
  '10 s (40 % botocore legacy, 20 % each JavaScript, Go of 2026, Java legacy) and 800 loops that start a short process every',
  '10 min. Upstream answers within 0.7 to 1.7 s; the session itself stays alive. "ours" is the shipped engine. The callers and',
  'the other strategies are models of code that was read, not the programs; every caller tries as often as its SDK would.',
  '',
];

const seed = 1;
const options = { population: workingDay, seed };
const longLives = [hours(1), hours(4)];

/** In the order of the report; each is printed when it is there. */
const sections: readonly (() => Promise<Section>)[] = [
  ...longLives.map((lifeMs) => () => loadSection(lifeMs, options)),
  ...longLives.flatMap((lifeMs) =>
    [1, 15, 60].map((length) => () => outageSection({ lifeMs, outageMs: minutes(length) }, options)),
  ),
  () => hotSection([minutes(15), hours(1), hours(4), hours(8), hours(12)], seed),
  ...longLives.map((lifeMs) => () => busySection(lifeMs, seed)),
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  if (!values.json) process.stdout.write(`${about.join('\n')}\n`);
  const done: Section[] = [];
  for (const section of sections) {
    done.push(await section());
    process.stderr.write(`part ${done.length} of ${sections.length}\n`);
    if (!values.json) process.stdout.write(`${done.slice(-1).map(sectionText).join('\n')}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, sections: done }, null, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
