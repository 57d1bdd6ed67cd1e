/** Text for a terminal: harmless, coloured where that is wanted, in columns. */
import { variable } from '../../config/environment.ts';
import type { Output } from './context.ts';

/** Upstreams and files name things; an escape sequence in a name could retitle, recolour or overwrite the terminal. */
export const printable = (text: string): string =>
  text.replace(/[\t\n\r]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '');

/** One line for the person. */
export const say = ({ stderr }: { readonly stderr: Output }, text: string): void =>
  stderr.write(`${printable(text)}\n`);

/** The same view with every string in it harmless. */
export function printableView<T>(view: T): T {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return printable(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  };
  return clean(view) as T;
}

const codes = { green: [32, 39], yellow: [33, 39], red: [31, 39], bold: [1, 22], dim: [2, 22] } as const;

export type Paint = (colour: keyof typeof codes, text: string) => string;

/** Colours for this output, or none: see https://no-color.org. */
export function painter(output: Output, env: NodeJS.ProcessEnv): Paint {
  const plain = !output.isTTY || variable(env, 'NO_COLOR') !== null || env['TERM'] === 'dumb';
  return (colour, text) => {
    const [on, off] = codes[colour];
    return plain ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

/** What to do where no profile is configured. */
export const firstProfile = 'Add an SSO profile to ~/.aws/config (run: aws configure sso), or try: credbroker demo';

/** `no errors`, `1 error`, `2 errors`. */
export const counted = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;

/** Ends with `…` where it is too long. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** Broken between words, a command at the end only where it is longer than a line; a word that is longer stands out. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  const words = (text.match(/\brun: .+$|\S+/gi) ?? []).flatMap((word) =>
    word.length > width ? word.split(' ') : [word],
  );
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines.splice(-1, 1, `${last} ${word}`);
  }
  return lines;
}

export interface Fit {
  readonly width: number;
  /** Columns to do without where the width does not suffice, in this order. */
  readonly spare: readonly number[];
}

/** Columns no wider than that. */
export function fittedColumns(rows: readonly (readonly string[])[], { width, spare }: Fit): string[] {
  const lines = columns(rows);
  if (lines.every((line) => line.length <= width)) return lines;
  const [first, ...others] = spare;
  if (first === undefined) return lines.map((line) => cut(line, width));
  const narrower = rows.map((row) => row.map((cell, at) => (at === first ? '' : cell)));
  return fittedColumns(narrower, { width, spare: others });
}

/** Left-aligned columns, two spaces apart; a row's last cell is never padded, and a column of nothing is left out. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .flatMap((cell, at) => (widths[at] ? [cell.padEnd(widths[at])] : []))
      .join('  ')
      .trimEnd(),
  );
}

/** Columns under a head, a line for each row. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${columns([head, ...rows]).join('\n')}\n`;
