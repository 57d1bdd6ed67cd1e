import { readFileBounded } from './atomic-file.ts';

const maxBytes = 64 * 1024;

/** Of a small file, null where it cannot be read. */
export const readText = async (path: string): Promise<string | null> => {
  try {
    return readFileBounded(path, maxBytes)?.toString('utf8') ?? null;
  } catch {
    return null;
  }
};
