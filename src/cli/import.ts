import { Argument, type Command } from 'commander';
import type { Tool } from '../../config/import-britive.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';

interface ImportOptions {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const tools = ['bctl', 'pybritive'] as const satisfies readonly Tool[];

export function addImport(program: Command, context: Context): void {
  const command = program
    .command('import')
    .description('take over the tenants and profiles of another Britive tool')
    .addArgument(new Argument('[tool]', 'the one, or both where none is named').choices(tools))
    .option('--from <file>', 'its configuration, where it is kept elsewhere')
    .option('--dry-run', 'show what would be added, and add nothing')
    .option('-y, --yes', 'add it without a question')
    .option('--json', 'print what was found and added, for scripts');
  command.action(async (tool: Tool | undefined, options: ImportOptions) => {
    const { from = null, dryRun = false, yes = false, json = false } = options;
    if (from !== null && tool === undefined) throw usage(`Say whose file it is: credbroker import bctl --from ${from}`);
    if (dryRun && yes) throw usage('Give either --dry-run or --yes');
    // Late, for the YAML parser and the schema compiler.
    const { runImport } = await import('./import-run.ts');
    return runImport(context, { tool: tool ?? null, from, consent: dryRun ? 'no' : yes ? 'yes' : 'ask', json });
  });
  examples(command, [
    'credbroker import',
    'credbroker import bctl --dry-run',
    'credbroker import pybritive --from ./pybritive.config --yes',
  ]);
}
