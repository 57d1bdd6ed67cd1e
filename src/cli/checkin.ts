/** Gives checked-out credentials back, whoever checked them out, and clears away what `checkout` wrote. */
import type { Command } from 'commander';
import { refusalOf } from '../control-wire.ts';
import type { CheckoutView } from '../core/checkout-views.ts';
import type { ProfileView, SessionView } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import { checkInAll } from './checkin-all.ts';
import { type CheckoutState, checkoutDirectory, readCheckout } from './checkout-state.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { usage } from './exit.ts';
import { clear, cleared, consoleOf, listMs, waited } from './give-back.ts';
import { findServed } from './served-profile.ts';
import { signInAgain } from './sign-in.ts';
import { say } from './text.ts';

interface CheckinOptions extends StartOption {
  readonly all?: boolean;
}

export function addCheckin(program: Command, context: Context): void {
  const command = program
    .command('checkin')
    .description('give checked-out credentials back, and clear their section of the AWS credentials file')
    .argument('[profile]')
    .option('--all', 'everything that is checked out, here or elsewhere');
  withDaemon(command).action((profile: string | undefined, options: CheckinOptions) =>
    checkin(context, profile ?? null, options),
  );
  examples(command, ['credbroker checkin dev', 'credbroker checkin --all']);
}

async function checkin(context: Context, name: string | null, options: CheckinOptions): Promise<void> {
  if ((name === null) !== (options.all === true)) throw usage('Give either a profile or --all');
  const daemon = await daemonFor(context, options);
  return name === null ? checkInAll(context, daemon) : checkInOne(context, daemon, name);
}

interface Target {
  readonly name: string;
  /** Null where it is not served now. */
  readonly profile: ProfileView | null;
  /** What was written for it here, null for nothing. */
  readonly state: CheckoutState | null;
}

/** Upstream first: what could not be given back stays on record. */
async function checkInOne(context: Context, daemon: RunningDaemon, name: string): Promise<void> {
  const { client } = daemon;
  const target = await targetOf(context, daemon, name);
  const isOurs = target.profile !== null && (await waited(context, client.checkin(target.name)));
  const rows = await leftOf(context, daemon, target);
  for (const { session, transaction } of rows) await waited(context, client.giveBack(session, transaction));
  const isCleared = await clear(context, target.name);
  const hasConsole = rows.some(({ access }) => access === 'console');
  const hasKeys = isOurs || rows.some(({ access }) => access !== 'console');
  const given = givenOf(target.name, hasKeys, hasConsole);
  if (given !== null) return say(context, `Checked in ${given}`);
  say(context, isCleared ? cleared(target.name, target.profile !== null) : `${target.name} is not checked out`);
}

function givenOf(name: string, hasKeys: boolean, hasConsole: boolean): string | null {
  if (!hasConsole) return hasKeys ? name : null;
  return hasKeys ? `${name} and its console` : consoleOf(name);
}

async function targetOf(context: Context, daemon: RunningDaemon, name: string): Promise<Target> {
  const directory = checkoutDirectory(context.env, context.platform);
  const state = await readCheckout(directory, name);
  const known = findProfile(daemon.status, name);
  const served = known?.state === 'unserved' ? null : known;
  if (served !== null || state !== null) return { name, profile: served, state };
  const { profile } = await findServed(context, daemon, name);
  return { name: profile.name, profile, state: await readCheckout(directory, profile.name) };
}

/** What its tenant still lists: made elsewhere, or a console page. */
async function leftOf(context: Context, daemon: RunningDaemon, target: Target): Promise<readonly CheckoutView[]> {
  const { profile, state } = target;
  const isTenant = ({ countsCheckouts, name }: SessionView): boolean =>
    countsCheckouts && (profile === null ? state?.transactionId != null : name === profile.session);
  const session = daemon.status.sessions.find(isTenant);
  if (session === undefined) return [];
  const list = () => waited(context, daemon.client.checkouts(listMs));
  const refusal = ({ failures }: Awaited<ReturnType<typeof list>>) =>
    failures.find((failure) => failure.session === profile?.session);
  let listed = await list();
  const isSignInNeeded = refusal(listed)?.code === 'LoginRequired';
  if (isSignInNeeded && (await signInAgain(context, daemon.client, session))) listed = await list();
  const refused = refusal(listed);
  if (refused !== undefined) throw refusalOf(refused);
  return listed.checkouts.filter((row) => row.live && belongsTo(row, target));
}

const belongsTo = (row: CheckoutView, { profile, state }: Target): boolean =>
  (row.session === profile?.session && row.profile === profile.name) || row.transaction === state?.transactionId;
