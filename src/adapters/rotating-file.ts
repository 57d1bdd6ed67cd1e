/** A log file that is written at once, never grows beyond a size, and never stops the program that writes to it. */
import { closeSync, constants, fchmodSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file of this many bytes becomes `path.1`. */
  readonly maxBytes: number;
  /** How many files there are in all, the current one included. */
  readonly files: number;
}

/** Lines that cannot be written are counted and the count is written once it works again. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #descriptor: number;
  #size: number;
  #lost = 0;

  /** Throws when the file cannot be opened, or is no regular file. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    ({ descriptor: this.#descriptor, size: this.#size } = openLog(options.path));
    if (this.#size >= options.maxBytes) this.#rotate();
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#size > 0 && this.#size + bytes > this.#options.maxBytes) this.#rotate();
    try {
      if (this.#lost > 0)
        this.#append(`${JSON.stringify({ level: 'warn', msg: 'log lines were lost', lost: this.#lost })}\n`);
      this.#lost = 0;
      this.#append(line);
    } catch {
      // There is nowhere to report it; a full disk must not end the daemon.
      this.#lost += 1;
    }
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    // A disk that fills up takes a part first; the rest then says why.
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.#descriptor, bytes, offset);
    this.#size += bytes.length;
  }

  #rotate(): void {
    const { path, files } = this.#options;
    try {
      for (let index = files - 1; index > 0; index -= 1)
        moveIfPresent(numbered(path, index - 1), numbered(path, index));
      const next = openLog(path);
      closeSync(this.#descriptor);
      ({ descriptor: this.#descriptor, size: this.#size } = next);
    } catch {
      // The old file goes on growing; the next attempt is a whole file away.
      this.#size = 0;
    }
  }
}

const numbered = (path: string, index: number): string => (index === 0 ? path : `${path}.${index}`);

const moveIfPresent = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch {
    // Nothing there yet, or it cannot be moved: the line itself matters more than its place.
  }
};

const openLog = (path: string): { readonly descriptor: number; readonly size: number } => {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const stats = fstatSync(descriptor);
  if (!stats.isFile() || stats.nlink > 1) {
    closeSync(descriptor);
    throw new Error(`"${path}" is not a plain file`);
  }
  fchmodSync(descriptor, 0o600);
  return { descriptor, size: stats.size };
};
