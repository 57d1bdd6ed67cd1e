/** A value that outlives the daemon, as JSON with the version of its shape: `{"version":1,"value":…}`. */
import { renameSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import type { Clock, Log, StateFile } from '../core/ports.ts';
import { readFileBounded, writeFileAtomically } from './atomic-file.ts';
import { objectOf } from './json.ts';
import { errorCode } from './system-error.ts';

export interface JsonStateOptions<T> {
  readonly path: string;
  readonly version: number;
  /** Throws when the value is not of this shape. */
  readonly parse: (value: unknown) => T;
  readonly clock: Clock;
  readonly log: Log;
}

const maxBytes = 16 * 1024 * 1024;

/**
 * `save` is on disk when it returns. When that fails it says so in the log, once, and the next one tries again.
 * A file that cannot be understood is moved aside; one that a newer program wrote is left alone.
 */
export class JsonStateFile<T> implements StateFile<T> {
  readonly #options: JsonStateOptions<T>;
  #readOnly = false;
  #failing = false;

  constructor(options: JsonStateOptions<T>) {
    this.#options = options;
  }

  load(): T | null {
    const { path, version, parse, log } = this.#options;
    try {
      const bytes = readFileBounded(path, maxBytes);
      if (bytes === null) return null;
      const envelope = parseEnvelope(bytes.toString('utf8'));
      if (envelope.version > version) {
        this.#readOnly = true;
        log.warn({ path }, 'state was written by a newer version: it is neither used nor changed');
        return null;
      }
      return parse(envelope.value);
    } catch (cause) {
      this.#readOnly = !setAside({ path, why: messageOf(cause), clock: this.#options.clock, log });
      return null;
    }
  }

  /** Throws when the value is not on disk, for those who must not go on without. */
  saveOrThrow(value: T): void {
    const { path, version } = this.#options;
    if (this.#readOnly) throw new Error(`"${path}" was written by a newer version`);
    writeFileAtomically(path, `${JSON.stringify({ version, value })}\n`);
  }

  save(value: T): void {
    if (this.#readOnly) return;
    const { path, log } = this.#options;
    try {
      this.saveOrThrow(value);
      if (this.#failing) log.info({ path }, 'state is saved again');
      this.#failing = false;
    } catch (cause) {
      if (!this.#failing) log.error({ path, why: errorCode(cause) ?? messageOf(cause) }, 'state is not saved');
      this.#failing = true;
    }
  }
}

export interface SetAside {
  readonly path: string;
  readonly why: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps a damaged file for whoever wants to look; false when even that fails. */
export const setAside = ({ path, why, clock, log }: SetAside): boolean => {
  const aside = `${path}.corrupt-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    renameSync(path, aside);
    log.warn({ path, aside, why }, 'file cannot be used and was moved aside');
    return true;
  } catch (cause) {
    log.error({ path, why, cause }, 'file cannot be used and cannot be moved aside');
    return false;
  }
};

const parseEnvelope = (text: string): { readonly version: number; readonly value: unknown } => {
  const { version, value } = objectOf(JSON.parse(text)) ?? {};
  if (version === undefined || value === undefined) throw new Error('"version" or "value" is missing');
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw new Error('"version" is unknown');
  return { version, value };
};
