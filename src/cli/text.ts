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

/** Left-aligned columns, two spaces apart; a row's last cell is never padded. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Columns under a head, a line for each row. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${columns([head, ...rows]).join('\n')}\n`;
