/**
 * Adds clusters to a kubeconfig and changes nothing else in it: comments, order, other entries and keys that are not ours
 * stay. Every result is read back before it is handed out.
 *
 * Scalars are read as the texts they are (YAML's failsafe schema), so that no number or date of somebody's comes out in
 * another form; ours are quoted wherever some reader of YAML could take them for something else.
 */
import type { Document, YAMLMap } from 'yaml';
import { isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { BrokerError } from '../src/core/errors.ts';
import { node, plain, setNode } from './yaml-nodes.ts';

export interface KubeContext {
  /** The context's name, and its user's. */
  readonly name: string;
  /** The name of the cluster's entry. */
  readonly cluster: string;
  readonly server: string;
  /** Base64 of PEM, null for one that the system trusts. */
  readonly certificateAuthority: string | null;
  /** What prints an `ExecCredential`. */
  readonly command: readonly [string, ...string[]];
}

/** Null is a file that is not there. `current` becomes the current context, null leaves that as it is. Throws a `BrokerError`. */
export const withContexts = (
  before: string | null,
  contexts: readonly KubeContext[],
  current: string | null,
): string => {
  const document = parsed(before ?? '');
  for (const context of contexts) {
    const { name, cluster } = context;
    update(document, {
      entry: entryOf(document, 'clusters', cluster),
      part: 'cluster',
      fields: clusterFields(context),
    });
    update(document, { entry: entryOf(document, 'contexts', name), part: 'context', fields: { cluster, user: name } });
    setNode(entryOf(document, 'users', name), 'user', execNode(document, context));
  }
  if (current !== null) setNode(rootOf(document), 'current-context', node(document, current));
  return readBack(before ?? '', written(document, before ?? ''), contexts);
};

/** Null where none is chosen, or nothing can be read. */
export const currentContext = (text: string): string | null => {
  const document = parseDocument(text, options);
  const current = isMap(document.contents) ? document.contents.get('current-context') : null;
  return typeof current === 'string' && !isNothing(current) ? current : null;
};

const options = { schema: 'failsafe', prettyErrors: false } as const;

const lists = ['clusters', 'contexts', 'users'] as const;
type List = (typeof lists)[number];

const parsed = (text: string): Document => {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...options, lineCounter });
  const [error] = document.errors;
  if (error === undefined) return document;
  // The parser's own words may quote a token.
  const { line } = lineCounter.linePos(error.pos[0]);
  throw new BrokerError('Failed', `The kubeconfig is not valid YAML in line ${line}. Mend it, and run this again`);
};

const rootOf = (document: Document): YAMLMap => {
  // Comments alone, or nothing.
  document.contents ??= document.createNode({ apiVersion: 'v1', kind: 'Config' });
  if (isMap(document.contents)) return document.contents;
  throw unsafe('it is no mapping');
};

/** What kubectl itself writes for an empty list or name. */
const isNothing = (text: unknown): boolean => text === '' || text === '~' || text === 'null';

/** The entry of this name, made where there is none. */
const entryOf = (document: Document, list: List, name: string): YAMLMap => {
  const root = rootOf(document);
  const found = root.get(list, true);
  const entries = isScalar(found) && isNothing(found.value) ? undefined : found;
  if (entries !== undefined && !isSeq(entries)) throw unsafe(`"${list}" is no list`);
  const existing = entries?.items.find((entry) => isMap(entry) && entry.get('name') === name);
  if (isMap(existing)) return existing;
  const entry = node(document, { name });
  if (!isMap(entry)) throw unsafe('an entry is no mapping');
  if (entries === undefined) setNode(root, list, document.createNode([entry]));
  else {
    // `[]` would put everything on one line.
    if (entries.items.length === 0) entries.flow = false;
    entries.items.push(entry);
  }
  return entry;
};

const clusterFields = ({ server, certificateAuthority }: KubeContext): Readonly<Record<string, string | null>> => ({
  server,
  ...(certificateAuthority !== null && {
    'certificate-authority-data': certificateAuthority,
    // Each of them contradicts it.
    'certificate-authority': null,
    'insecure-skip-tls-verify': null,
  }),
});

interface Update {
  readonly entry: YAMLMap;
  /** The key of what the entry is about. */
  readonly part: 'cluster' | 'context';
  /** Those that are null go, others than these stay. */
  readonly fields: Readonly<Record<string, string | null>>;
}

const update = (document: Document, { entry, part, fields }: Update): void => {
  const found = entry.get(part);
  if (!isMap(found)) {
    const set = Object.entries(fields).filter(([, value]) => value !== null);
    setNode(entry, part, node(document, Object.fromEntries(set)));
    return;
  }
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) found.delete(key);
    else setNode(found, key, node(document, value));
  }
};

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuration */
const execNode = (document: Document, { command: [command, ...args] }: KubeContext): unknown => {
  const exec = node(document, {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    args,
    // A person at the terminal can sign in when that is needed.
    interactiveMode: 'IfAvailable',
  });
  if (isMap(exec)) exec.set('provideClusterInfo', plain('false'));
  return document.createNode({ exec });
};

const written = (document: Document, before: string): string => {
  // As kubectl and the AWS CLI write them, unless this file has it otherwise.
  const indentSeq = /^[ ]+- /m.test(before) && !/^- /m.test(before);
  try {
    const text = document.toString({ lineWidth: 0, indentSeq, ...(isInFlow(document) ? quoted : {}) });
    const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    return mark + (before.includes('\r\n') ? text.replace(/\r?\n/g, '\r\n') : text);
  } catch {
    throw unsafe('an alias would lead nowhere');
  }
};

/** JSON stays JSON, and some readers stop at a colon there. */
const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' } as const;

const isInFlow = ({ contents }: Document): boolean =>
  isMap(contents) &&
  [contents, ...lists.map((list) => contents.get(list))].some((each) => isCollection(each) && each.flow);

/** The text, once it is known to say what it should and to have changed nothing else. */
const readBack = (before: string, after: string, contexts: readonly KubeContext[]): string => {
  const document = parsed(after);
  if (otherThings(before, contexts) !== otherThings(after, contexts)) throw unsafe('other entries would change');
  const entries = document.toJS() as Readonly<Record<List, readonly { readonly name: string }[]>>;
  const isThere = (list: List, name: string): boolean =>
    entries[list].filter((entry) => entry?.name === name).length === 1;
  const isWhole = contexts.every(
    ({ name, cluster }) => isThere('clusters', cluster) && isThere('contexts', name) && isThere('users', name),
  );
  if (isWhole) return after;
  throw unsafe('it names an entry twice');
};

const otherThings = (text: string, contexts: readonly KubeContext[]): string => {
  const root = (parseDocument(text, options).toJS() ?? {}) as Readonly<Record<string, unknown>>;
  const names: Readonly<Record<List, readonly string[]>> = {
    clusters: contexts.map(({ cluster }) => cluster),
    contexts: contexts.map(({ name }) => name),
    users: contexts.map(({ name }) => name),
  };
  const others = lists.map((list) => {
    const entries = root[list];
    return Array.isArray(entries) ? entries.filter((entry) => !names[list].includes(entry?.name)) : [];
  });
  const rest = Object.entries({ apiVersion: 'v1', kind: 'Config', ...root }).filter(([key]) => !ours.has(key));
  return JSON.stringify([others, rest]);
};

const ours: ReadonlySet<string> = new Set([...lists, 'current-context']);

const unsafe = (why: string): BrokerError =>
  new BrokerError('Failed', `The kubeconfig cannot be edited safely: ${why}. Set KUBECONFIG to another file`);
