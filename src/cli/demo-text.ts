/** How the demo writes: a step on a line, what does not fit on further ones below its figure. */
import type { Output } from './context.ts';
import type { Step } from './demo-world.ts';
import { type Paint, wrapped } from './text.ts';

/** Holds the longest title of the story. */
const titleWidth = 37;
const mark = '✓ ';
/** A figure gets lines of its own where less is left for it. */
const leastWidth = 24;

/** Without a terminal the story is as wide as most are. */
const unknownWidth = 80;

export const widthOf = ({ isTTY, columns }: Output): number => (isTTY ? columns : unknownWidth);

export function stepText({ title, figure }: Step, width: number, paint: Paint): string {
  const beside = mark.length + titleWidth + 2;
  const isBeside = width - beside >= leastWidth;
  const indent = isBeside ? beside : 2 * mark.length;
  const [first = '', ...others] = wrapped(figure, width - indent);
  const titled = isBeside
    ? [`${title.padEnd(titleWidth)}  ${first}`]
    : [...hanging(wrapped(title, width - mark.length), mark.length), `${' '.repeat(indent)}${first}`];
  return `${paint('green', mark.trim())} ${[...titled, ...others.map((line) => `${' '.repeat(indent)}${line}`)].join('\n')}\n`;
}

const hanging = ([first = '', ...others]: readonly string[], indent: number): readonly string[] => [
  first,
  ...others.map((line) => `${' '.repeat(indent)}${line}`),
];

/** Prose on lines of that width. */
export const paragraph = (text: string, width: number): string => `${wrapped(text, width).join('\n')}\n`;

/** `0.41 ms`, `612 ms`, `1.2 s`; milliseconds in. */
export function took(time: number): string {
  if (time < 10) return `${time.toFixed(2)} ms`;
  return time < 1_000 ? `${Math.round(time)} ms` : `${(time / 1_000).toFixed(1)} s`;
}

/** `no call`, `one call`, `2 calls`. */
export const some = (count: number, noun: string): string =>
  count === 0 ? `no ${noun}` : count === 1 ? `one ${noun}` : `${count} ${noun}s`;
