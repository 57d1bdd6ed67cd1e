/**
 * Keeps the settings current while their files change. An edit that cannot be used changes nothing: the last good
 * settings stay, with the complaint among their diagnostics. Directories are watched, not files, because editors and
 * tools replace files and some files do not exist yet; polling sees what the system does not report.
 */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../src/core/errors.ts';
import type { Timers } from '../src/core/ports.ts';
import type { Diagnostic, Settings } from '../src/core/settings.ts';
import type { Cancel } from '../src/core/types.ts';
import { ConfigError } from './diagnostics.ts';
import type { LoadOptions } from './load.ts';
import { readSettings } from './load.ts';
import { DirectoryWatchers, surveyFiles } from './watch-directories.ts';

export type SettingsChange =
  | { readonly type: 'loaded'; readonly settings: Settings }
  /** `settings` are the last good ones with what is wrong now in front of their diagnostics. */
  | { readonly type: 'rejected'; readonly settings: Settings; readonly error: ConfigError };

export interface WatchOptions {
  /** What `loadSettings` answered with the same `load`. */
  readonly settings: Settings;
  readonly load: LoadOptions;
  readonly timers: Timers;
  /** Called when the settings, or what is wrong with them, are no longer the same. */
  readonly changed: (change: SettingsChange) => void;
}

/** Returns how to stop. */
export const watchSettings = (options: WatchOptions): Cancel => {
  const watcher = new SettingsWatcher(options);
  watcher.start();
  return () => watcher.close();
};

const debounceMs = 100;
const pollMs = 5_000;

class SettingsWatcher {
  readonly #options: WatchOptions;
  readonly #directories = new DirectoryWatchers(() => this.#touched());
  #good: Settings;
  /** The last change that was called back. */
  #told: SettingsChange;
  #signature = '';
  #debounce: Cancel = () => {};
  #poll: Cancel = () => {};
  #looking = false;
  #again = false;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#good = options.settings;
    this.#told = { type: 'loaded', settings: options.settings };
  }

  /** The first look finds what changed since the settings were loaded. */
  start(): void {
    this.#look(true);
    this.#pollLater();
  }

  close(): void {
    this.#closed = true;
    this.#debounce();
    this.#poll();
    this.#directories.close();
  }

  #touched(): void {
    this.#debounce();
    this.#debounce = this.#options.timers.after(debounceMs, () => this.#look(true));
  }

  #pollLater(): void {
    this.#poll = this.#options.timers.after(pollMs, () => {
      this.#look(false);
      this.#pollLater();
    });
  }

  /** One look at a time, or an older reading could win over a newer one. */
  #look(reported: boolean): void {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#reloadIfChanged(reported)
      // Whatever fails here is a complaint like any other; the settings stay.
      .catch((thrown: unknown) => this.#reject(asConfigError(thrown)))
      .finally(() => {
        this.#looking = false;
        if (!this.#again || this.#closed) return;
        this.#again = false;
        this.#look(true);
      });
  }

  async #reloadIfChanged(reported: boolean): Promise<void> {
    const { signature, directories } = await surveyFiles(this.#options.settings.files);
    if (this.#closed || (!reported && signature === this.#signature)) return;
    this.#signature = signature;
    if (this.#directories.follow(directories)) this.#touched();
    const { settings, unread } = await readSettings(this.#options.load);
    const [first, ...others] = unread;
    // Faults that the last good settings have too do not keep later edits out.
    const known = this.#good.diagnostics.filter((old) => unread.some((fault) => isSameFault(fault, old)));
    if (first !== undefined && unread.length > known.length) return this.#reject(new ConfigError([first, ...others]));
    this.#good = settings;
    this.#tell({ type: 'loaded', settings });
  }

  #reject(error: ConfigError): void {
    const diagnostics = [...error.diagnostics, ...this.#good.diagnostics];
    this.#tell({ type: 'rejected', settings: { ...this.#good, diagnostics }, error });
  }

  #tell(change: SettingsChange): void {
    const same = change.type === this.#told.type && isDeepStrictEqual(change.settings, this.#told.settings);
    if (same || this.#closed) return;
    this.#told = change;
    this.#options.changed(change);
  }
}

/** Lines move as a file is edited. */
const isSameFault = (one: Diagnostic, other: Diagnostic): boolean =>
  one.file === other.file && one.key === other.key && one.message === other.message;

const asConfigError = (thrown: unknown): ConfigError =>
  thrown instanceof ConfigError
    ? thrown
    : new ConfigError([{ severity: 'error', file: 'configuration', line: 0, key: '', message: messageOf(thrown) }]);
