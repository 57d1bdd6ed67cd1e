import type { Command } from 'commander';
import { stopDaemon } from './background.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { say } from './text.ts';

export function addStop(program: Command, context: Context): void {
  const command = program
    .command('stop')
    .description('stop the daemon; sessions and grants are kept for its next start')
    .action(async () => {
      const stopped = await stopDaemon(context);
      say(context, stopped ? 'The daemon has stopped' : 'The daemon was not running');
    });
  examples(command, ['credbroker stop']);
}
