/** A piece of the report: what it is, and rows whose keys are the headings. */
export interface Section {
  readonly title: string;
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
}

export type Row = Readonly<Record<string, string | number>>;

export function sectionText({ title, notes, rows }: Section): string {
  const headings = Object.keys(rows[0] ?? {});
  const lines = [headings, ...rows.map((row) => headings.map((heading) => cellText(row[heading])))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isText = headings.map((heading) => typeof rows[0]?.[heading] === 'string');
  const aligned = (line: readonly string[]): string =>
    line.map((cell, at) => (isText[at] ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  const [head = '', ...body] = lines.map((line) => aligned(line).trimEnd());
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, ...notes.map((note) => `  ${note}`), '', head, rule, ...body, ''].join('\n');
}

const cellText = (cell: string | number | undefined): string =>
  typeof cell === 'number' ? cell.toLocaleString('en-US', { maximumFractionDigits: 1 }) : (cell ?? '');
