import type { Command } from 'commander';
import { BrokerError } from '../core/errors.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { statusText } from './status-text.ts';
import { painter, printableView } from './text.ts';

interface StatusOptions extends StartOption {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const clearScreen = '\u001b[H\u001b[2J\u001b[3J';

export function addStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .description('show sessions and profiles: state, time left, what happens next')
    .option('--json', 'for scripts')
    .option('--watch', 'show every change until Ctrl-C; with --json one line each');
  withDaemon(command).action((options: StatusOptions) => status(context, options));
  examples(command, ['credbroker status', 'credbroker status --json --watch']);
}

async function status(context: Context, options: StatusOptions): Promise<void> {
  const daemon = await daemonFor(context, options);
  const watching = options.watch === true;
  const render = (view: typeof daemon.status): string => {
    if (options.json === true) return `${JSON.stringify(view, null, watching ? 0 : 2)}\n`;
    const text = statusText(printableView(view), { now: context.now(), paint: painter(context.stdout, context.env) });
    return watching && context.stdout.isTTY ? `${clearScreen}${text}` : text;
  };
  if (!watching) {
    context.stdout.write(render(daemon.status));
    return;
  }
  // Subscribed before the first look, or a change between the two would go unseen.
  const changes = await daemon.client.events();
  context.stdout.write(render(await daemon.client.status()));
  for await (const _ of changes) context.stdout.write(render(await daemon.client.status()));
  throw new BrokerError('DaemonUnreachable', 'The daemon has stopped. Run: credbroker start');
}
