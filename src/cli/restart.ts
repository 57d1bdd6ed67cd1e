import type { Command } from 'commander';
import { stopDaemon } from './background.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { start } from './start.ts';

export function addRestart(program: Command, context: Context): void {
  const command = program
    .command('restart')
    .description('stop the daemon and start it again; shells keep working')
    .action(() => restart(context));
  examples(command, ['credbroker restart']);
}

async function restart(context: Context): Promise<void> {
  // A configuration the next daemon would refuse must not cost the one that runs.
  const { loadSettings } = await import('../../config/load.ts');
  await loadSettings(context);
  await stopDaemon(context);
  await start(context);
}
