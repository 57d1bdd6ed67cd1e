/**
 * The answer to an SDK's `credential_process`: one JSON object on stdout, or nothing there and one line on stderr.
 * Some SDKs run it twice, without a terminal or `HOME`; Go gives up after 60 seconds.
 */
import type { Command } from 'commander';
import type { CredentialDocument } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import { controlClient, reachDaemon } from './background.ts';
import { examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { deadline } from './signals.ts';

export interface CredentialRequest extends StartOption {
  readonly profile: string;
  readonly deadlineMs: number;
}

/** Below Go's 60 seconds, with room for Node to start and to leave. */
const deadlineMs = 54_000;

export function addCredentialProcess(program: Command, context: Context): void {
  const command = program
    .command('credential-process')
    .description('print credentials for the credential_process setting of ~/.aws/config')
    .argument('<profile>');
  withDaemon(command).action((profile: string, { start }: StartOption) =>
    credentialProcess(context, { profile, start, deadlineMs }),
  );
  examples(command, ['credbroker credential-process dev']);
}

/** What the plain `credential-process NAME` asks for; null for any other command line. */
export function hotRequest(argv: readonly string[]): CredentialRequest | null {
  const [command, profile, ...others] = argv;
  if (command !== 'credential-process' || profile === undefined || others.length > 0) return null;
  return profile.startsWith('-') ? null : { profile, start: true, deadlineMs };
}

export async function credentialProcess(context: Context, request: CredentialRequest): Promise<void> {
  refuseOwnHelper(context, request.profile);
  const late = new BrokerError('Renewing', `Profile "${request.profile}" is not ready yet. Run: credbroker status`);
  const signals = deadline(context.signals, request.deadlineMs, late);
  const progress = openProgress(context);
  const arrived = ifItLasts(context, () => progress.show(`Waiting for credentials of "${request.profile}" …`));
  const document = await checkout({ ...context, signals }, request).finally(() => {
    arrived();
    progress.end();
  });
  context.stdout.write(`${JSON.stringify(document)}\n`);
}

/** The daemon runs helper programs with this variable, and waits for them. */
function refuseOwnHelper({ env }: Context, profile: string): void {
  if (env['CREDBROKER_HELPER_FOR'] !== profile) return;
  const what = `Profile "${profile}" would wait for itself: its helper asks credbroker for "${profile}"`;
  throw new BrokerError('ConfigInvalid', `${what}. Change its credential_process`);
}

/** Asks at once: a daemon that runs, and nearly always it does, need not be looked for first. */
async function checkout(context: Context, { profile, start }: CredentialRequest): Promise<CredentialDocument> {
  const client = controlClient(context);
  try {
    return await client.checkout(profile, 'process');
  } catch (error) {
    if (!start || !(error instanceof BrokerError) || error.code !== 'DaemonUnreachable') throw error;
    await reachDaemon(context, true);
    return client.checkout(profile, 'process');
  }
}
