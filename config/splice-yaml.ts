/** Puts lines into a YAML text whose top level and whose sections are written without braces, and touches no other line. */
import type { Pair, ParsedNode, YAMLMap } from 'yaml';
import { isMap, isScalar, YAMLMap as NewMap, Pair as NewPair, parseDocument, Scalar, stringify } from 'yaml';

type Entries = ReadonlyMap<string, object>;

/** Null where the text is written in another way; the caller looks whether the result says what it should. */
export const spliceEntries = (text: string, section: string, entries: Entries): string | null => {
  const { contents } = parseDocument(text);
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const put = (at: number, lines: readonly string[]): string => {
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    const start = head === '' || head.endsWith('\n') ? head : head + newLine;
    return start + lines.map((line) => line + newLine).join('') + tail;
  };
  const fresh = [`${section}:`, ...linesOf(entries, '  ')];
  if (contents === null || isNothing(contents)) return put(text.length, fresh);
  if (!isMap(contents) || contents.flow === true) return null;
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === section);
  if (pair === undefined) return put(text.length, /\n\r?\n$/.test(text) ? fresh : ['', ...fresh]);
  const place = placeIn(text, pair);
  return place === null ? null : put(place.at, linesOf(entries, place.indent));
};

/** Behind the last entry, or behind the name of a section without any. */
const placeIn = (text: string, { key, value }: Pair<ParsedNode, ParsedNode | null>) => {
  if (isNothing(value)) {
    return { at: lineEnd(text, key.range[1]), indent: '  ' };
  }
  if (!isMap(value) || value.flow === true) return null;
  const last = (value as YAMLMap.Parsed).items.at(-1);
  if (last === undefined) return null;
  const end = last.value?.range[1] ?? last.key.range[1];
  const start = last.key.range[0];
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return { at: text[end - 1] === '\n' ? end : lineEnd(text, end), indent };
};

const isNothing = (node: unknown): boolean =>
  isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1];

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
};

/** A line for each. */
const linesOf = (entries: Entries, indent: string): readonly string[] =>
  [...entries].map(([name, entry]) => {
    const map = new NewMap();
    const fields = new NewMap();
    fields.flow = true;
    for (const [key, value] of Object.entries(entry))
      fields.items.push(new NewPair(new Scalar(key), new Scalar(value)));
    map.items.push(new NewPair(new Scalar(name), fields));
    return indent + stringify(map, { lineWidth: 0 }).trimEnd();
  });
