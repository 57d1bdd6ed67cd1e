/** Credentials now: into the AWS credentials file, where they are not asked for again while they are fresh, or printed. */
import { type Command, Option } from 'commander';
import { statePaths } from '../../config/paths.ts';
import type { BrokerClient } from '../client.ts';
import type { LeaseStateName, ProfileView, StatusView } from '../core/views.ts';
import {
  type AwsCheckout,
  alreadyCheckedOut,
  awsCheckoutOf,
  checkedOut,
  type OutputFormat,
  renderCheckout,
} from './checkout-output.ts';
import { checkoutDirectory, hashOf, isReusable, readCheckout, saveCheckout } from './checkout-state.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { credentialsText, writeSection } from './credentials-file.ts';
import { firstCredentials } from './first-credentials.ts';
import { servedProfile } from './served-profile.ts';
import { say } from './text.ts';
import { isoSeconds } from './time.ts';

const pollMs = 1_000;
/** The daemon answers from memory. */
const heldStates: ReadonlySet<LeaseStateName> = new Set(['fresh', 'due']);
const outputs = ['awscreds', 'env', 'process', 'json', 'powershell', 'fish'] as const satisfies readonly (
  | 'awscreds'
  | OutputFormat
)[];

interface CheckoutOptions extends StartOption {
  readonly output: (typeof outputs)[number];
  readonly force?: boolean;
}

export function addCheckout(program: Command, context: Context): void {
  const command = program
    .command('checkout')
    .description("write a profile's credentials to the AWS credentials file, or print them")
    .argument('<profile>')
    .addOption(
      new Option('-o, --output <format>', 'where to, or in what form to print them')
        .choices(outputs)
        .default('awscreds'),
    )
    .option('-f, --force', 'ask upstream for new ones, whatever is held');
  withDaemon(command).action((profile: string, options: CheckoutOptions) => checkout(context, profile, options));
  examples(command, ['credbroker checkout dev', 'eval "$(credbroker checkout dev -o env)"']);
}

async function checkout(context: Context, name: string, options: CheckoutOptions): Promise<void> {
  const { output, force = false } = options;
  const { status } = await daemonFor(context, options);
  const profile = servedProfile(status, name);
  const target = targetOf(status, profile);
  if (output === 'awscreds' && !force && (await isHeld(context, name, target))) return;
  const document = await firstCredentials(context, {
    profile: name,
    fetch: (client) => fetched(client, name, force),
    signsInFirst: force || !heldStates.has(profile.state),
    socket: statePaths(context.env, context.platform).socket,
    status,
    pollMs,
  });
  const found = awsCheckoutOf(document, profile.region);
  if (output === 'awscreds') await keep(context, { name, target, found });
  else context.stdout.write(renderCheckout(output, found, context.env));
}

async function fetched(client: BrokerClient, profile: string, force: boolean): ReturnType<BrokerClient['checkout']> {
  if (force) await client.refresh(profile);
  return client.checkout(profile, 'process');
}

/** Whose role an alias is: whatever changes here makes an earlier checkout one of something else. */
function targetOf({ sessions }: StatusView, { session, accountId, roleName, region }: ProfileView): string {
  const { provider, startUrl } = sessions.find((each) => each.name === session) ?? { provider: null, startUrl: null };
  return JSON.stringify([provider, startUrl, accountId, roleName, region]);
}

/** Says so where it is. */
async function isHeld(context: Context, name: string, target: string): Promise<boolean> {
  const state = await readCheckout(checkoutDirectory(context.env, context.platform), name);
  if (state === null) return false;
  const now = context.now();
  if (!isReusable(state, { now, target, credentialsFile: await credentialsText(context) })) return false;
  say(context, alreadyCheckedOut(name, state.expiresAt, now));
  return true;
}

interface Kept {
  readonly name: string;
  readonly target: string;
  readonly found: AwsCheckout;
}

/** The section first: without the file that tells of it, it is only written again. */
async function keep(context: Context, { name, target, found }: Kept): Promise<void> {
  await writeSection(context, name, found);
  const now = context.now();
  await saveCheckout(checkoutDirectory(context.env, context.platform), {
    alias: name,
    transactionId: null,
    checkedOutAt: isoSeconds(now),
    expiresAt: found.expiration,
    target,
    awsProfile: name,
    accessKeyIdHash: hashOf(found.accessKeyId),
    region: found.region,
  });
  say(context, checkedOut(name, found.expiration, now));
}
