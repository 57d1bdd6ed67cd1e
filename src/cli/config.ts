import type { Command } from 'commander';
import { ConfigError, formatDiagnostic } from '../../config/diagnostics.ts';
import { configFile } from '../../config/paths.ts';
import type { Diagnostic } from '../core/settings.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { printable, say } from './text.ts';

export function addConfig(program: Command, context: Context): void {
  const config = program.command('config').description('look at the configuration');
  examples(config, ['credbroker config check']);

  const check = config
    .command('check')
    .description('read every file as the daemon does and print each complaint')
    .action(() => checkConfig(context));
  examples(check, ['credbroker config check']);

  const path = config
    .command('path')
    .description('print where config.yaml is looked for')
    .action(() => context.stdout.write(`${configFile(context.env, context.platform)}\n`));
  examples(path, ['"$EDITOR" "$(credbroker config path)"']);

  const print = config
    .command('schema')
    .description('print the JSON Schema of config.yaml, for editors')
    .action(async () => {
      const { schema } = await import('../../config/schema.ts');
      context.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
  examples(print, ['credbroker config schema > credbroker.schema.json']);
}

async function checkConfig(context: Context): Promise<void> {
  const diagnostics = await allDiagnostics(context);
  for (const diagnostic of diagnostics) context.stdout.write(`${printable(formatDiagnostic(diagnostic))}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) throw usage(`The configuration has ${errors === 1 ? 'an error' : `${errors} errors`}`);
  say(context, 'The configuration can be used');
}

async function allDiagnostics({ env, platform }: Context): Promise<readonly Diagnostic[]> {
  // Loaded late, for the YAML parser and the schema compiler that come along.
  const { loadSettings } = await import('../../config/load.ts');
  try {
    return (await loadSettings({ env, platform })).diagnostics;
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics;
    throw error;
  }
}
