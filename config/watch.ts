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
import { ConfigError, fileError } from './diagnostics.ts';
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

export interface SettingsWatch {
  /** Looks now and resolves with the settings in force, with what is wrong among their diagnostics. */
  readonly reload: () => Promise<Settings>;
  readonly close: () => void;
}

export const watchSettings = (options: WatchOptions): SettingsWatch => {
  const watcher = new SettingsWatcher(options);
  watcher.start();
  return { reload: () => watcher.reload(), close: () => watcher.close() };
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
  /** One look at a time, or an older reading could win over a newer one. */
  #looks: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#good = options.settings;
    this.#told = { type: 'loaded', settings: options.settings };
  }

  /** The first look finds what changed since the settings were loaded. */
  start(): void {
    void this.#look(true);
    this.#pollLater();
  }

  async reload(): Promise<Settings> {
    await this.#look(true);
    return this.#told.settings;
  }

  close(): void {
    this.#closed = true;
    this.#debounce();
    this.#poll();
    this.#directories.close();
  }

  #touched(): void {
    this.#debounce();
    this.#debounce = this.#options.timers.after(debounceMs, () => void this.#look(true));
  }

  #pollLater(): void {
    this.#poll = this.#options.timers.after(pollMs, () => {
      void this.#look(false);
      this.#pollLater();
    });
  }

  #look(reported: boolean): Promise<void> {
    this.#looks = this.#looks
      .then(() => this.#reloadIfChanged(reported))
      // Whatever fails here is a complaint like any other; the settings stay.
      .catch((thrown: unknown) => this.#reject(asConfigError(thrown)));
    return this.#looks;
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
  thrown instanceof ConfigError ? thrown : new ConfigError([fileError('configuration', messageOf(thrown))]);
