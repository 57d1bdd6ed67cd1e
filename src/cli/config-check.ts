/** The configuration as the daemon reads it, without the daemon. Loaded late, for the YAML parser and schema compiler. */
import { ConfigError } from '../../config/diagnostics.ts';
import { readSettings } from '../../config/load.ts';
import type { Diagnostic, Settings } from '../core/settings.ts';
import type { Context } from './context.ts';

export interface CheckedConfig {
  readonly diagnostics: readonly Diagnostic[];
  /** Those that make a running daemon keep what it had. */
  readonly refused: readonly Diagnostic[];
  /** Null when nothing can be used. */
  readonly settings: Settings | null;
}

export async function checkedConfig({ env, platform }: Context): Promise<CheckedConfig> {
  try {
    const { settings, unread } = await readSettings({ env, platform });
    return { diagnostics: settings.diagnostics, refused: unread, settings };
  } catch (error) {
    if (error instanceof ConfigError) {
      return { diagnostics: error.diagnostics, refused: error.diagnostics, settings: null };
    }
    throw error;
  }
}
