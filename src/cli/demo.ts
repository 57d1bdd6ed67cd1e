import type { Command } from 'commander';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { ExitError } from './exit.ts';

interface DemoOptions {
  readonly once?: boolean;
}

export function addDemo(program: Command, context: Context): void {
  const command = program
    .command('demo')
    .description('show everything with emulated upstreams; nothing of yours is touched')
    .option('--once', 'tell the story and leave')
    .argument('[command...]', 'run this with emulated credentials and exit with its status')
    .passThroughOptions()
    .action((words: readonly string[], options: DemoOptions) => demo(context, words, options));
  examples(command, ['credbroker demo', 'credbroker demo -- aws sts get-caller-identity']);
}

async function demo(context: Context, words: readonly string[], options: DemoOptions): Promise<void> {
  // Loaded late: every other command does without the emulator.
  const { childEnvironment, inDemo } = await import('./demo-world.ts');
  if (words.length > 0) {
    const { runChild } = await import('./run-child.ts');
    const status = await inDemo(context, (world) =>
      runChild(context, { words, env: childEnvironment(context, world) }),
    );
    if (status !== 0) throw new ExitError(status, '');
    return;
  }
  const { tell } = await import('./demo-story.ts');
  const stay = options.once !== true && context.interactive && context.stdout.isTTY;
  await inDemo(context, (world) => tell(context, world, { stay }));
}
