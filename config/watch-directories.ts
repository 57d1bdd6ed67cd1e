/** The file system's side of watching: which directories matter for some files, and a call when one of them stirs. */

import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export interface Survey {
  /** Differs from an earlier one when a file, or a directory on the way to it, is another or has changed. */
  readonly signature: string;
  readonly directories: ReadonlyMap<string, WatchedDirectory>;
}

interface WatchedDirectory {
  /** Tells a directory from one made later in its place, which may get the same inode. */
  readonly identity: string;
  /** Entries worth a call; others in the same directory are not ours. */
  readonly names: Set<string>;
}

/** For a file that does not exist yet this finds the nearest directory that does; for a link also the target's. */
export const surveyFiles = async (files: readonly string[]): Promise<Survey> => {
  const directories = new Map<string, WatchedDirectory>();
  const marks: string[] = [];
  for (const file of files) {
    const found = await stat(file).catch(() => null);
    marks.push(found === null ? 'none' : `${found.ino} ${found.mtimeMs} ${found.size}`);
    const target = await realpath(file).catch(() => file);
    for (const path of new Set([file, target])) await addNearest(path, directories);
  }
  for (const [path, { identity }] of directories) marks.push(`${path} ${identity}`);
  return { signature: marks.join('\n'), directories };
};

const addNearest = async (path: string, directories: Map<string, WatchedDirectory>): Promise<void> => {
  const directory = dirname(path);
  const found = await stat(directory).catch(() => null);
  if (found === null) return directory === path ? undefined : addNearest(directory, directories);
  const known = directories.get(directory);
  if (known !== undefined) known.names.add(basename(path));
  else directories.set(directory, { identity: `${found.ino} ${found.birthtimeMs}`, names: new Set([basename(path)]) });
};

export class DirectoryWatchers {
  readonly #touched: () => void;
  readonly #open = new Map<string, { readonly directory: WatchedDirectory; readonly watcher: FSWatcher }>();

  constructor(touched: () => void) {
    this.#touched = touched;
  }

  /** Watches these directories and no others; true when one is newly watched, so that an edit may have been missed. */
  follow(directories: Survey['directories']): boolean {
    for (const [path, { directory }] of this.#open) {
      if (!covers(directory, directories.get(path))) this.#stop(path);
    }
    const missing = [...directories].filter(([path]) => !this.#open.has(path));
    for (const [path, directory] of missing) this.#start(path, directory);
    return missing.some(([path]) => this.#open.has(path));
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.#stop(path);
  }

  #start(path: string, directory: WatchedDirectory): void {
    try {
      const watcher = watch(path, { persistent: false }, (_, name) => {
        if (name === null || directory.names.has(name)) this.#touched();
      });
      watcher.on('error', () => this.#stop(path));
      this.#open.set(path, { directory, watcher });
    } catch {
      // No watch to be had (too many of them, a network home): polling notices the edit a little later.
    }
  }

  #stop(path: string): void {
    this.#open.get(path)?.watcher.close();
    this.#open.delete(path);
  }
}

const covers = (open: WatchedDirectory, wanted: WatchedDirectory | undefined): boolean =>
  wanted?.identity === open.identity && [...wanted.names].every((name) => open.names.has(name));
