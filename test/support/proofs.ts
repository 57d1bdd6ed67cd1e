/** The tests that a page names as its proof: `file.test.ts` "title", "title". */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Proof {
  /** As the page has it: some leave out `test/`. */
  readonly file: string;
  /** With `…` for what is left out. */
  readonly title: string;
}

export const proofsIn = (text: string): readonly Proof[] =>
  [...text.matchAll(/`([^`]+\.test\.ts)` ((?:"[^"]+"(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  );

export function isThere({ file, title }: Proof): boolean {
  const path = file.startsWith('test/') ? file : join('test', file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return title.split('…').every((part) => text.includes(part.trim()) && text !== '');
}
