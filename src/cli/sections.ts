/** Titled rows for a terminal: columns may go and sentences may break, so that no command is cut off. */
import { cut, type Fit, fittedColumns, type Paint, wrapped } from './text.ts';

export type Mark = '✓' | '!' | '✗' | '·';

export const markColours = { '✓': 'green', '!': 'yellow', '✗': 'red', '·': 'dim' } as const;

export interface Row {
  /** Null where a section has none. */
  readonly mark: Mark | null;
  readonly cells: readonly string[];
  /** Stands behind the cells, or below them where there is no room. */
  readonly text: string;
  /** Stand below, each on lines of its own. */
  readonly notes: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly spare: Fit['spare'];
  /** Stands in place of rows. */
  readonly none: string;
}

interface SectionStyle {
  readonly paint: Paint;
  /** Of the terminal; a file has no end. */
  readonly width: number;
}

const indent = 2;
const markWidth = 2;

export function section({ title, rows, spare, none }: Section, { paint, width }: SectionStyle): string[] {
  const head = paint('bold', title);
  if (rows.length === 0) return [head, ...indented(none, { width, by: indent, rest: indent })];
  const room = width - indent - (rows.some(({ mark }) => mark !== null) ? markWidth : 0);
  const lines = fittedColumns(
    rows.map(({ cells }) => cells),
    { width: room, spare },
  );
  const column = Math.max(...lines.map((line) => line.length)) + 2;
  const deeper = indent + markWidth;
  const below = (text: string): string[] => indented(text, { width, by: deeper, rest: deeper });
  const shown = ({ mark, text, notes }: Row, line: string): string[] => {
    const start = `${' '.repeat(indent)}${mark === null ? '' : `${paint(markColours[mark], mark)} `}`;
    const fits = column + text.length <= room;
    const first = fits ? `${line.padEnd(column)}${text}`.trimEnd() : line;
    const dimmed = notes.flatMap(below).map((note) => paint('dim', note));
    return [`${start}${first}`, ...(fits ? [] : below(text)), ...dimmed];
  };
  return [head, ...rows.flatMap((row, at) => shown(row, lines[at] ?? ''))];
}

interface Indent {
  readonly width: number;
  readonly by: number;
  /** Of the lines after the first. */
  readonly rest: number;
}

export function indented(text: string, { width, by, rest }: Indent): string[] {
  const room = width - Math.max(by, rest);
  return wrapped(text, room).map((line, at) => `${' '.repeat(at === 0 ? by : rest)}${cut(line, room)}`);
}
