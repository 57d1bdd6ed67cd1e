import type { Command } from 'commander';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { say } from './text.ts';

export function addServe(program: Command, context: Context): void {
  const command = program
    .command('serve')
    .description('run the daemon in the foreground until it is stopped')
    .action(async () => {
      // The daemon has its own mind about signals: it outlives its terminal.
      context.signals.takeOver(() => {});
      await context.serve({
        env: context.env,
        notify: (line) => say(context, line),
      });
    });
  examples(command, ['credbroker serve']);
}
