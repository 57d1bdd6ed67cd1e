import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { formatDiagnostic } from '../../config/diagnostics.ts';
import { configFile } from '../../config/paths.ts';
import type { Diagnostic } from '../core/settings.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { counted, printable, say } from './text.ts';

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
  const { checkedConfig } = await import('./config-check.ts');
  const { diagnostics, settings } = await checkedConfig(context);
  for (const diagnostic of diagnostics) {
    context.stdout.write(`${diagnostic.severity}: ${printable(formatDiagnostic(diagnostic))}\n`);
  }
  const ofSeverity = (severity: Diagnostic['severity']) =>
    diagnostics.filter((each) => each.severity === severity).length;
  const [errors, warnings] = [ofSeverity('error'), ofSeverity('warning')];
  const counts = `${counted(errors, 'error')} and ${counted(warnings, 'warning')}`;
  if (errors > 0 || settings === null) throw usage(`The configuration has ${counts}`);
  say(context, `The configuration can be used${warnings > 0 ? `, with ${counted(warnings, 'warning')}` : ''}`);
  const found = `${counted(settings.sessions.size, 'session')} and ${counted(settings.profiles.size, 'profile')}`;
  const files = settings.files.filter((file) => existsSync(file)).map((file) => `"${file}"`);
  say(context, `It has ${found}, from ${files.length === 0 ? 'no file at all' : files.join(', ')}`);
}
