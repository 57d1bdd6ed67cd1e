/** The console of a profile, in the browser. `checkout --console` is the same with a tenant's answers. */
import type { Command } from 'commander';
import { type AnswerFlags, answersOf, withAnswers } from './checkout-answers.ts';
import { checkoutConsole } from './checkout-page.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { findServed } from './served-profile.ts';

interface ConsoleOptions extends AnswerFlags, StartOption {
  readonly printUrl?: boolean;
}

export function addConsole(program: Command, context: Context): void {
  const command = program
    .command('console')
    .description("open a profile's console in the browser")
    .argument('<profile>')
    .option('--print-url', "print the page's address, which lets anybody in, and open nothing");
  withDaemon(withAnswers(command)).action((profile: string, options: ConsoleOptions) =>
    openConsole(context, profile, options),
  );
  examples(command, ['credbroker console dev', 'credbroker console dev --print-url']);
}

async function openConsole(context: Context, name: string, options: ConsoleOptions): Promise<void> {
  const answers = answersOf(options);
  const found = await findServed(context, await daemonFor(context, options), name);
  await checkoutConsole(
    context,
    { ...found, body: { as: 'console', force: false, answers } },
    options.printUrl === true,
  );
}
