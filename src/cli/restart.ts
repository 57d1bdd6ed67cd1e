import type { Command } from 'commander';
import { stopDaemon } from './background.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { start } from './start.ts';

export function addRestart(program: Command, context: Context): void {
  const command = program
    .command('restart')
    .description('stop the daemon and start it again; shells keep working')
    .action(async () => {
      await stopDaemon(context);
      await start(context);
    });
  examples(command, ['credbroker restart']);
}
