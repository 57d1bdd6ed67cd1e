/** Finds and reads what bctl and pybritive have on this machine. */
import { realpathSync, statSync } from 'node:fs';
import { importBctl } from '../../config/import-bctl.ts';
import type { TextFile } from '../../config/import-bctl-cache.ts';
import { type Imported, refusal, type Tool } from '../../config/import-britive.ts';
import { britiveFiles } from '../../config/import-paths.ts';
import { importPybritive } from '../../config/import-pybritive.ts';
import { readFileBounded } from '../adapters/atomic-file.ts';
import { BrokerError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { systemCode } from './exit.ts';

interface Source {
  readonly imported: Imported;
  readonly files: readonly string[];
  /** Of the same tool, in a place that it has left; not read. */
  readonly others: readonly string[];
}

export interface Search {
  readonly sources: readonly Source[];
  /** Every place that was looked at. */
  readonly places: readonly string[];
}

export interface Wanted {
  /** Null for either. */
  readonly tool: Tool | null;
  /** Null for the places where the tool keeps its files. */
  readonly from: string | null;
}

const mebibyte = 1024 * 1024;
/** A catalogue may be long; nobody writes such a configuration. */
const maxBytes = { config: mebibyte, cache: 16 * mebibyte };

/** Throws a `BrokerError` for the first file that is there and cannot be used. */
export function findImports({ env, platform }: Context, { tool, from }: Wanted): Search {
  const files = britiveFiles(env, platform);
  const bctl = tool === 'pybritive' ? [] : from === null ? files.bctlConfig : [from];
  const pybritive = tool === 'bctl' ? [] : from === null ? files.pybritive : [from];
  const sources = [
    foundBctl(bctl, from === null ? files.bctlCache : []),
    found(pybritive, (config) => ({ imported: importPybritive(config), files: [config.path] })),
  ];
  return { sources: sources.filter((source) => source !== null), places: [...bctl, ...pybritive] };
}

const foundBctl = (places: readonly string[], caches: readonly string[]): Source | null =>
  found(places, (config) => {
    const [cache = null] = caches.map((path) => textOf(path, maxBytes.cache)).filter((file) => file !== null);
    return { imported: importBctl({ config, cache }), files: [config, cache].flatMap((file) => file?.path ?? []) };
  });

/** The first that is there counts. */
function found(places: readonly string[], read: (config: TextFile) => Omit<Source, 'others'>): Source | null {
  const there = [...new Set(places)].filter(exists);
  const [first, ...others] = there;
  const config = first === undefined ? null : textOf(first, maxBytes.config);
  // An empty one is what pybritive leaves behind wherever it was tried.
  return config === null || config.text.trim() === '' ? null : { ...read(config), others };
}

function exists(path: string): boolean {
  try {
    return realpathSync(path) !== '';
  } catch (error) {
    // What cannot be looked at is there as far as anybody knows: reading it says what is wrong.
    return !isMissing(error);
  }
}

function textOf(path: string, limit: number): TextFile | null {
  const refuse = (message: string) => refusal({ file: path, line: 0 }, message);
  let bytes: Buffer | null;
  try {
    // A link is followed: people keep these files elsewhere.
    const target = realpathSync(path);
    if (!statSync(target).isFile()) throw refuse('It is no ordinary file. Name one with --from');
    bytes = readFileBounded(target, limit);
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof BrokerError) throw error;
    const code = systemCode(error);
    if (code !== null) throw refuse(`The file cannot be read (${code}). ${adviceOn(code)}`);
    throw refuse(`The file is larger than ${limit / mebibyte} MiB. Name the right one with --from`);
  }
  if (bytes === null) return null;
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw refuse('The file is not UTF-8. Save it as UTF-8');
  }
}

const adviceOn = (code: string): string =>
  code === 'EACCES' || code === 'EPERM'
    ? 'Give your user permission to read it'
    : 'Check it, or name another with --from';

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
