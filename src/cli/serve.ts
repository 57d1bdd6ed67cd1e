import type { Command } from 'commander';
import { BrokerError } from '../core/errors.ts';
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
      await context.serve({ env: context.env, notify: (line) => say(context, line) }).catch(withNextStep);
    });
  examples(command, ['credbroker serve']);
}

/** Who meets a daemon that runs already wants to see it, and not to end it. */
function withNextStep(cause: unknown): never {
  if (!(cause instanceof BrokerError) || cause.code !== 'AlreadyRunning') throw cause;
  const [sentence = ''] = cause.message.split('. ');
  throw new BrokerError('AlreadyRunning', `${sentence}. Run: credbroker status`, { cause });
}
