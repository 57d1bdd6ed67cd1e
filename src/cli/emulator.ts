/** The emulated upstreams alone, for the tools that are to be tried against them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { BrokerError } from '../core/errors.ts';
import type { Emulator } from '../emulator/index.ts';
import { examples } from './command.ts';
import type { Context } from './context.ts';
import { systemCode } from './exit.ts';
import { shellLines } from './shell-text.ts';
import { interrupted } from './signals.ts';
import { inTemporaryDirectory } from './temporary.ts';
import { say } from './text.ts';

interface EmulatorOptions {
  readonly port: number;
  readonly faults?: string;
}

export function addEmulator(program: Command, context: Context): void {
  const command = program
    .command('emulator')
    .description('run emulated AWS upstreams until Ctrl-C and print how to reach them')
    .option('--port <number>', 'where to listen, 0 for any free one', port, 0)
    .option('--faults <file>', 'JSON list of what shall go wrong')
    .action((options: EmulatorOptions) => emulator(context, options));
  examples(command, ['credbroker emulator --port 9912', 'credbroker emulator --faults faults.json']);
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new InvalidArgumentError('It takes a number from 0 to 65535.');
}

async function emulator(context: Context, options: EmulatorOptions): Promise<void> {
  // Loaded late: every other command does without the emulator.
  const [{ startEmulator }, { readFaults }] = await Promise.all([
    import('../emulator/index.ts'),
    import('./fault-file.ts'),
  ]);
  const faults = options.faults === undefined ? [] : await readFaults(options.faults);
  const upstreams = await startEmulator({ port: options.port, now: context.now, knobs: {} }).catch((cause: unknown) => {
    if (systemCode(cause) !== 'EADDRINUSE') throw cause;
    throw new BrokerError('PortInUse', `Port ${options.port} is in use. Choose another one with --port`, { cause });
  });
  try {
    for (const { operation, fault, times } of faults) {
      upstreams.faults.add(operation, fault, times === null ? {} : { times });
    }
    await inTemporaryDirectory((directory) => stay(context, upstreams, directory));
  } finally {
    await upstreams.close();
  }
}

async function stay(context: Context, upstreams: Emulator, directory: string): Promise<void> {
  const config = join(directory, 'config');
  await writeFile(config, upstreams.awsConfig());
  context.stdout.write(shellLines('sh', { set: { ...upstreams.environment, AWS_CONFIG_FILE: config }, unset: [] }));
  say(context, `A session with "baseUrl: ${upstreams.britive.url}" reaches the emulated Britive tenant`);
  say(context, `The emulated upstreams listen at ${upstreams.url} until Ctrl-C`);
  await interrupted(context.signals);
}
