/** Gives checked-out credentials back and clears away what `checkout` wrote. */
import type { Command } from 'commander';
import { messageOf } from '../core/errors.ts';
import type { RunningDaemon } from './background.ts';
import { checkoutDirectory, listCheckouts, readCheckout, removeCheckout } from './checkout-state.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { clearSection } from './credentials-file.ts';
import { findProfile } from './endpoint.ts';
import { ExitError, usage } from './exit.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { servedProfile } from './served-profile.ts';
import { counted, say } from './text.ts';

interface CheckinOptions extends StartOption {
  readonly all?: boolean;
}

export function addCheckin(program: Command, context: Context): void {
  const command = program
    .command('checkin')
    .description('give checked-out credentials back, and clear their section of the AWS credentials file')
    .argument('[profile]')
    .option('--all', 'everything that was checked out');
  withDaemon(command).action((profile: string | undefined, options: CheckinOptions) =>
    checkin(context, profile ?? null, options),
  );
  examples(command, ['credbroker checkin dev', 'credbroker checkin --all']);
}

async function checkin(context: Context, profile: string | null, options: CheckinOptions): Promise<void> {
  if ((profile === null) !== (options.all === true)) throw usage('Give either a profile or --all');
  if (profile === null) return checkInAll(context, options);
  await checkInOne(context, await daemonFor(context, options), profile);
}

async function checkInAll(context: Context, options: StartOption): Promise<void> {
  const states = await listCheckouts(checkoutDirectory(context.env, context.platform));
  if (states.length === 0) return say(context, 'Nothing is checked out');
  const daemon = await daemonFor(context, options);
  let failures = 0;
  for (const { alias } of states) {
    try {
      await checkInOne(context, daemon, alias);
    } catch (error) {
      context.signals.aborted.throwIfAborted();
      failures += 1;
      say(context, `${alias}: ${messageOf(error)}`);
    }
  }
  if (failures === 0) return;
  throw new ExitError(1, `${counted(failures, 'profile')} could not be checked in. Run: credbroker checkin --all`);
}

/** Upstream first: what could not be given back stays on record. */
async function checkInOne(context: Context, { client, status }: RunningDaemon, name: string): Promise<void> {
  const directory = checkoutDirectory(context.env, context.platform);
  const state = await readCheckout(directory, name);
  const profile = findProfile(status, name);
  const isServed = profile !== null && profile.state !== 'unserved';
  if (isServed || state === null) await waited(context, client.checkin(servedProfile(status, name).name));
  if (state !== null && (await clearSection(context, state))) {
    say(context, `The section "${state.awsProfile}" holds other keys by now and stays`);
  }
  await removeCheckout(directory, name);
  say(context, isServed ? `Checked in ${name}` : `Cleared ${name}, which is not served now and ends by itself`);
}

async function waited(context: Context, answer: Promise<void>): Promise<void> {
  const progress = openProgress(context);
  const arrived = ifItLasts(context, () => progress.show('Waiting for the check-in …'));
  await answer.finally(() => {
    arrived();
    progress.end();
  });
}
