/**
 * Adds sessions and profiles to the text of `config.yaml`. Where they are written as people write them, every other line
 * stays byte for byte; elsewhere, as within braces, the YAML library writes the file anew with its comments and order.
 * Every result is read back before it is handed out.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, Pair, parse, parseDocument, Scalar, YAMLMap } from 'yaml';
import { BrokerError } from '../src/core/errors.ts';
import { spliceEntries } from './splice-yaml.ts';

export interface NewEntries {
  readonly sessions: ReadonlyMap<string, object>;
  readonly profiles: ReadonlyMap<string, object>;
}

/** Null is a file that is not there. Throws a `BrokerError` where a name is there already or the file has another shape. */
export const withEntries = (before: string | null, entries: NewEntries): string => {
  const text = before ?? '';
  const wanted = expected(text, entries);
  for (const write of [spliced, rewritten]) {
    const after = write(text, entries);
    if (after !== null && holds(after, wanted)) return after;
  }
  throw unusual();
};

const unusual = (): BrokerError =>
  new BrokerError('Failed', 'config.yaml has a shape that nothing can be added to. Add the entries by hand');

const kinds = ['sessions', 'profiles'] as const;

const spliced = (text: string, entries: NewEntries): string | null =>
  kinds.reduce<string | null>(
    (sofar, kind) => (sofar === null || entries[kind].size === 0 ? sofar : spliceEntries(sofar, kind, entries[kind])),
    text,
  );

const rewritten = (text: string, entries: NewEntries): string => {
  const document = parseDocument(text);
  for (const kind of kinds) {
    if (entries[kind].size === 0) continue;
    const found = document.get(kind, true);
    const node = isMap(found) ? found : new YAMLMap();
    if (isScalar(found)) node.comment = found.comment ?? null;
    if (node !== found) document.set(new Scalar(kind), node);
    for (const [name, entry] of entries[kind]) {
      node.items.push(new Pair(new Scalar(name), document.createNode(entry, { flow: true })));
    }
  }
  return document.toString({ lineWidth: 0 });
};

type Tree = ReadonlyMap<unknown, unknown>;

const expected = (text: string, entries: NewEntries): Tree => {
  const all = new Map(treeOf(parse(text, { mapAsMap: true })));
  for (const kind of kinds) {
    if (entries[kind].size === 0) continue;
    const there = treeOf(all.get(kind));
    const added = [...entries[kind]].map(([name, entry]) => [name, new Map(Object.entries(entry))] as const);
    const twice = added.find(([name]) => there.has(name));
    if (twice !== undefined) throw new BrokerError('Failed', `config.yaml has "${twice[0]}" already. Try again`);
    all.set(kind, new Map([...there, ...added]));
  }
  return all;
};

const treeOf = (value: unknown): Tree => {
  if (value instanceof Map) return value;
  if (value === null || value === undefined) return new Map();
  throw unusual();
};

const holds = (text: string, wanted: Tree): boolean =>
  parseDocument(text).errors.length === 0 && isDeepStrictEqual(parse(text, { mapAsMap: true }), wanted);
