import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isThere, proofsIn } from '../../support/proofs.ts';

/** `| 7 | words | `file` "title", "title"; `file` "title" |` */
const rows = readFileSync('test/providers/britive/README.md', 'utf8')
  .split('\n')
  .map((line) => /^\| (\d+) \| .+ \| (.+) \|$/.exec(line))
  .filter((match) => match !== null);

const proofs = rows.flatMap(([, number = '', proof = '']) => proofsIn(proof).map((one) => ({ number, ...one })));

it('has a row for each of the 40 cases', () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(new Set(proofs.map(({ number }) => number)).size).toBe(40);
});

it.each(proofs)('case $number: $file has the test "$title"', (proof) => {
  expect(isThere(proof)).toBe(true);
});
