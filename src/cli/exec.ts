/** Runs a program that gets its credentials from the daemon, by a grant that ends with it. */
import { devNull } from 'node:os';
import type { Command } from 'commander';
import { statePaths } from '../../config/paths.ts';
import { type BrokerClient, openClient } from '../client.ts';
import type { IssuedGrant } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { endpointVariables, proxyExceptions, rivals } from './endpoint.ts';
import { ExitError, usage } from './exit.ts';
import { firstCredentials } from './first-credentials.ts';
import { runChild } from './run-child.ts';
import { findServed } from './served-profile.ts';
import { shadowingDefault, withoutShadows } from './shadows.ts';
import { say } from './text.ts';

const revokeTimeoutMs = 5_000;
const pollMs = 1_000;

export function addExec(program: Command, context: Context): void {
  const command = program
    .command('exec')
    .description('run a program with a profile; exits with its status')
    .argument('<profile>')
    .argument('<command...>')
    .passThroughOptions();
  withDaemon(command).action((profile: string, words: readonly string[], options: StartOption) =>
    exec(context, { ...options, profile, words: withoutDashes(words) }),
  );
  examples(command, ['credbroker exec dev -- aws s3 ls', 'credbroker exec dev -- terraform plan -out=plan']);
}

/** Commander leaves the dashes in front of a program whose options it passes through. */
function withoutDashes(words: readonly string[]): readonly string[] {
  const program = words[0] === '--' ? words.slice(1) : words;
  if (program.length === 0) throw usage('There is no program to run. Run: credbroker exec --help');
  return program;
}

interface ExecRequest extends StartOption {
  readonly profile: string;
  readonly words: readonly string[];
}

async function exec(context: Context, request: ExecRequest): Promise<void> {
  const { words } = request;
  const running = await daemonFor(context, request);
  const { profile: found, status } = await findServed(context, running, request.profile);
  const daemon = { ...running, status };
  const profile = found.name;
  const { socket } = statePaths(context.env, context.platform);
  const fetch = (client: BrokerClient) => client.checkout(profile, 'container');
  // A program may run for longer than what is held is good for.
  await firstCredentials(context, { profile, fetch, signsInFirst: true, socket, status, pollMs });
  const grant = await daemon.client.issueGrant({
    label: `exec:${profile}`,
    kind: 'session',
    profiles: [profile],
    lifetimeMs: null,
  });
  try {
    const env = await childEnvironment(context, { daemon, profile, token: grant.token });
    const status = await runChild(context, { words, env });
    if (status !== 0) throw new ExitError(status, '');
  } finally {
    await revoke(context, grant);
  }
}

interface ChildSetting {
  readonly daemon: RunningDaemon;
  readonly profile: string;
  readonly token: string;
}

async function childEnvironment(context: Context, setting: ChildSetting): Promise<NodeJS.ProcessEnv> {
  const { daemon, profile, token } = setting;
  const endpoint = { status: daemon.status, profile, authorization: { token } };
  const env: NodeJS.ProcessEnv = {
    ...withoutShadows(context.env),
    ...endpointVariables(endpoint),
    ...proxyExceptions(context.env),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  for (const name of rivals(endpoint)) delete env[name];
  const file = await shadowingDefault(context);
  if (file === null) return env;
  say(context, `Hiding ~/.aws from the program: "${file}" has a [default] it would prefer`);
  return { ...env, AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
}

/** Even after Ctrl-C, hence a client of its own. */
async function revoke(context: Context, grant: IssuedGrant): Promise<void> {
  const { socket } = statePaths(context.env, context.platform);
  try {
    await openClient(socket, AbortSignal.timeout(revokeTimeoutMs)).revokeGrant(grant.id);
  } catch {
    // The child's status matters more, and a daemon that is gone serves nobody.
    say(context, `The grant "${grant.id}" was not revoked. Run: credbroker grant revoke ${grant.id}`);
  }
}
