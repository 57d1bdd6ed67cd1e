/** The table in `scenarios.json`, played. What a step does not name did not happen. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Scenario } from './scenario.ts';
import type { ScenarioText } from './scenario-text.ts';

const table: readonly ScenarioText[] = JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8'));

it.each(table)('$title', async ({ given, steps }) => {
  const scenario = await Scenario.open(given);
  for (const [at, step] of steps.entries()) {
    const { hears = [], contact = {}, told = [] } = step;
    expect(await scenario.play(step), `step ${at + 1}`).toEqual({ hears, contact, told });
  }
});
