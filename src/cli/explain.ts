import type { Command } from 'commander';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { explainText } from './explain-text.ts';
import { findKnown } from './served-profile.ts';
import { serverNow } from './server-time.ts';
import { painter, printableView } from './text.ts';

interface ExplainOptions extends StartOption {
  readonly json?: boolean;
}

export function addExplain(program: Command, context: Context): void {
  const command = program
    .command('explain')
    .description('say why a profile is as it is, and what happens next')
    .argument('<profile>')
    .option('--json', 'for scripts');
  withDaemon(command).action((profile: string, options: ExplainOptions) => explain(context, profile, options));
  examples(command, ['credbroker explain dev', 'credbroker explain dev --json']);
}

async function explain(context: Context, name: string, options: ExplainOptions): Promise<void> {
  const daemon = await daemonFor(context, options);
  const { profile } = await findKnown(context, daemon, name);
  const view = await daemon.client.explain(profile.name);
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
    return;
  }
  const { stdout, env } = context;
  const width = stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY;
  stdout.write(
    explainText(printableView(view), { now: serverNow(context, daemon.status), paint: painter(stdout, env), width }),
  );
}
