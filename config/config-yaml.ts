/** Reads `config.yaml` and complains in our own words of what it may not say, each time with the line and the key. */

import type { ErrorObject } from 'ajv';
import { Ajv } from 'ajv';
import type { Document } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { messageOf } from '../src/core/errors.ts';
import type { Diagnostic, Origin } from '../src/core/settings.ts';
import { didYouMean } from './closest.ts';
import { ConfigError, refuseIfAny } from './diagnostics.ts';
import type { ConfigYaml } from './schema.ts';
import { schema } from './schema.ts';

type KeyPath = readonly string[];

export interface ConfigFile {
  readonly config: ConfigYaml;
  /** The line of a key, or of the nearest one above it that is there. */
  readonly originOf: (path: KeyPath) => Origin;
  readonly complaint: (path: KeyPath, message: string) => Diagnostic;
}

/** Throws a `ConfigError` with every complaint in the file's order. */
export const parseConfigYaml = (text: string, file: string): ConfigFile => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const originOf = (path: KeyPath): Origin => ({ file, line: lineAt(offsetOf(document, path)) });
  const complaint = (path: KeyPath, message: string): Diagnostic => ({
    severity: 'error',
    ...originOf(path),
    key: path.join('.'),
    message,
  });
  refuseIfAny(
    document.errors.map(({ pos, message }) => ({
      severity: 'error',
      file,
      line: lineAt(pos[0]),
      key: '',
      message: `This is not valid YAML: ${message}`,
    })),
  );
  return { config: checked(valueOfDocument(document, complaint), complaint), originOf, complaint };
};

type Complain = ConfigFile['complaint'];

const valueOfDocument = (document: Document, complaint: Complain): unknown => {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // Aliases that multiply are refused by the parser.
    throw new ConfigError([complaint([], `The aliases cannot be resolved: ${messageOf(cause)}`)]);
  }
};

const checked = (value: unknown, complaint: Complain): ConfigYaml => {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
  const validate = ajv.compile<ConfigYaml>(schema);
  if (validate(value)) return value;
  // The alternatives of a `oneOf` say nothing that its own complaint does not.
  const errors = (validate.errors ?? []).filter(({ schemaPath }) => !schemaPath.includes('/oneOf/'));
  const complaints = errors
    // And that says nothing where one of the values is wrong by itself.
    .filter(({ keyword, instancePath }) => keyword !== 'oneOf' || !errors.some(isWithin(`${instancePath}/`)))
    .map((error) => complain(error, complaint));
  refuseIfAny(complaints.toSorted((one, other) => one.line - other.line));
  throw new ConfigError([complaint([], `It takes ${schema.description}`)]);
};

const isWithin =
  (path: string) =>
  ({ instancePath }: ErrorObject): boolean =>
    instancePath.startsWith(path);

const complain = ({ keyword, instancePath, params, parentSchema }: ErrorObject, complaint: Complain): Diagnostic => {
  const path = instancePath.split('/').slice(1).map(unescapePointer);
  const properties: Readonly<Record<string, { readonly description?: string }>> = parentSchema?.['properties'] ?? {};
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    const known = Object.keys(properties);
    const hint = didYouMean(key, known) || `; the keys are ${known.join(', ')}`;
    return complaint([...path, key], `The key "${key}" is not known here${hint}`);
  }
  if (keyword === 'required') {
    const key = String(params['missingProperty']);
    return complaint(path, `The key "${key}" is missing; it takes ${properties[key]?.description ?? 'a value'}`);
  }
  return complaint(path, `It takes ${parentSchema?.['description'] ?? 'something else'}`);
};

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

const offsetOf = (document: Document, path: KeyPath): number => {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === part);
      if (pair === undefined) break;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node);
    } else break;
  }
  return offset;
};

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
