import { type Command, Option } from 'commander';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { type Endpoint, endpointVariables, rivals } from './endpoint.ts';
import { installedToken } from './install-grant.ts';
import { findServed } from './served-profile.ts';
import { shadowingDefault, shadowingVariables } from './shadows.ts';
import { shellLines } from './shell-text.ts';
import { say } from './text.ts';

/** By the names people know their shells by. */
const dialects = { sh: 'sh', bash: 'sh', zsh: 'sh', fish: 'fish', powershell: 'powershell' } as const;

interface EnvOptions extends StartOption {
  readonly tokenFile?: boolean;
  readonly shell: keyof typeof dialects;
}

export function addEnv(program: Command, context: Context): void {
  const command = program
    .command('env')
    .description('print the variables that point every SDK at a profile')
    .argument('<profile>')
    .option('--token-file', 'name a file with the token in place of the token')
    .addOption(
      new Option('--shell <shell>', 'for whom to write them')
        .choices(Object.keys(dialects))
        .default(context.platform === 'win32' ? 'powershell' : 'sh'),
    );
  withDaemon(command).action((profile: string, options: EnvOptions) => printEnvironment(context, profile, options));
  examples(command, ['eval "$(credbroker env dev)"', 'credbroker env dev --shell fish | source']);
}

async function printEnvironment(context: Context, name: string, options: EnvOptions): Promise<void> {
  const daemon = await daemonFor(context, options);
  const { client } = daemon;
  const { profile: found, status } = await findServed(context, daemon, name);
  const profile = found.name;
  const { token, file } = await installedToken(context, client, profile);
  const authorization = options.tokenFile === true ? { tokenFile: file } : { token };
  const endpoint: Endpoint = { status, profile, authorization };
  const unset = rivals(endpoint).filter((name) => context.env[name] !== undefined);
  context.stdout.write(shellLines(dialects[options.shell], { set: endpointVariables(endpoint), unset }));
  await warnOfShadows(context);
}

async function warnOfShadows(context: Context): Promise<void> {
  const names = shadowingVariables(context.env);
  if (names.length > 0) say(context, `Warning: SDKs prefer ${names.join(', ')}. Run: unset ${names.join(' ')}`);
  const file = await shadowingDefault(context);
  if (file === null) return;
  say(context, `Warning: SDKs prefer the [default] section of "${file}". Rename it, or use credbroker exec`);
}
