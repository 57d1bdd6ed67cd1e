#!/usr/bin/env node
// On SIGUSR1 Node opens its inspector, by which any process of this user reads our memory, unless the signal has a
// listener. Hence it comes first, and nothing is imported before it.
process.on('SIGUSR1', () => {});

void import('./cli/main.ts').then(({ main }) => main(process.argv.slice(2), { serve }));

/** The commands may not import the daemon; they are given it. */
async function serve(options: { env: NodeJS.ProcessEnv; notify: (line: string) => void }): Promise<void> {
  const daemon = await import('./daemon.ts');
  await daemon.serve(options);
}
