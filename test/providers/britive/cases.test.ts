import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** `| 7 | words | `file` "title", "title"; `file` "title" |` */
const rows = readFileSync('test/providers/britive/README.md', 'utf8')
  .split('\n')
  .map((line) => /^\| (\d+) \| .+ \| (.+) \|$/.exec(line))
  .filter((match) => match !== null);

const proofs = rows.flatMap(([, number = '', proof = '']) =>
  [...proof.matchAll(/`([^`]+\.test\.ts)` ((?:"[^"]+"(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => [number, file, title] as const),
  ),
);

it('has a row for each of the 40 cases', () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(new Set(proofs.map(([number]) => number)).size).toBe(40);
});

it.each(proofs)('case %s: %s has the test "%s"', (_, file, title) => {
  expect(readFileSync(`test/${file}`, 'utf8')).toContain(title);
});
