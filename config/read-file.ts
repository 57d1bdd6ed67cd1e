import { readFile } from 'node:fs/promises';

/** A file is there, is not there, or is there and cannot be read: the last is never taken for the second. */
export type FileText =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'missing' }
  /** `detail` completes "The file …". */
  | { readonly type: 'unreadable'; readonly detail: string };

/** How a file is read; injected so that tests can have files that fail. Rejects as `fs` does. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export const readText = async (path: string, read: ReadFile = readFile): Promise<FileText> => {
  try {
    return { type: 'text', text: decode(await read(path)) };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { type: 'unreadable', detail: 'is not UTF-8; save it as UTF-8' };
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { type: 'missing' };
    return { type: 'unreadable', detail: `cannot be read (${code}); ${advice(code)}` };
  }
};

// The byte order mark stays: other tools refuse it, so the parser has something to say about it.
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

const advice = (code: string): string => {
  if (code === 'EACCES' || code === 'EPERM') return 'give your user permission to read it';
  if (code === 'EISDIR') return 'put a file in place of the directory';
  return 'try to open it with an editor';
};

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'unknown error';
