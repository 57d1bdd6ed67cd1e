import type { Command } from 'commander';
import type { BrokerClient } from '../client.ts';
import { refusalOf } from '../control-wire.ts';
import type { BrokerError } from '../core/errors.ts';
import type { CatalogueEntry, ProfileView, SessionView } from '../core/views.ts';
import { catalogueText } from './catalogue-text.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { signInAgain } from './sign-in.ts';
import { columns, counted, firstProfile, printableView, say } from './text.ts';

interface ListOptions extends StartOption {
  readonly json?: boolean;
}

interface SyncOptions extends ListOptions {
  readonly session?: string;
}

export function addProfiles(program: Command, context: Context): void {
  const list = program.command('profiles').description('list the configured profiles').option('--json', 'for scripts');
  withDaemon(list).action((options: ListOptions) => listProfiles(context, options));
  examples(list, ['credbroker profiles', 'credbroker profiles --json', 'credbroker profiles sync --session work']);

  const sync = list
    .command('sync')
    .description('ask upstream for every account and role there is')
    .argument('[session]', 'ask this one only')
    .option('--session <name>', 'the same')
    .option('--json', 'for scripts');
  withDaemon(sync).action((session: string | undefined, options: SyncOptions) =>
    syncProfiles(context, session ?? null, options),
  );
  examples(sync, ['credbroker profiles sync', 'credbroker profiles sync work --json']);
}

async function listProfiles(context: Context, options: ListOptions): Promise<void> {
  const { client } = await daemonFor(context, options);
  const profiles = await client.profiles();
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(profiles, null, 2)}\n`);
    return;
  }
  const configured = profiles.filter(({ implied }) => !implied);
  const others = profiles.length - configured.length;
  if (configured.length > 0) context.stdout.write(profileTable(printableView(configured)));
  if (others > 0) say(context, `${counted(others, 'profile')} more in the catalogue. Run: credbroker profiles sync`);
  else if (configured.length === 0) say(context, `No profile is configured. ${firstProfile}`);
}

/** Why one is not served stands below it. */
function profileTable(profiles: readonly ProfileView[]): string {
  const rows = profiles.map((profile) => [
    profile.name,
    profile.session ?? '-',
    profile.accountId ?? '-',
    profile.roleName ?? '-',
    profile.region ?? '-',
  ]);
  const [head, ...lines] = columns([['PROFILE', 'SESSION', 'ACCOUNT', 'ROLE', 'REGION'], ...rows]);
  const told = profiles.flatMap(({ state, lastError }, at) => [
    lines[at],
    ...(state === 'unserved' && lastError !== null ? [`  not served: ${lastError}`] : []),
  ]);
  return `${[head, ...told].join('\n')}\n`;
}

async function syncProfiles(context: Context, named: string | null, options: SyncOptions): Promise<void> {
  if (named !== null && options.session !== undefined) throw usage('Give the session once');
  const name = named ?? options.session ?? null;
  const { client, status } = await daemonFor(context, options);
  const catalogue = await syncedAll(context, client, name);
  const { entries } = catalogue;
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
  } else {
    context.stdout.write(catalogueText(printableView(entries), widthOf(context)));
  }
  const unused = status.sessions.filter(isUnused).map((session) => session.name);
  tell(context, catalogue, name === null ? unused : []);
}

/** A session that nobody signs in to takes nothing from what the others offer, and is no failure beside them. */
function tell(context: Context, { failures, answered }: Catalogue, unused: readonly string[]): void {
  const isNone = ({ session }: SyncFailure): boolean => answered && session !== null && unused.includes(session);
  const last = failures.findLast((failure) => !isNone(failure));
  for (const { error } of failures.filter((failure) => failure !== last)) say(context, error.message);
  if (last !== undefined) throw last.error;
}

const isUnused = ({ state, expiresAt }: SessionView): boolean =>
  state === 'signed-out' || (state === 'login-required' && expiresAt === null);

const widthOf = ({ stdout }: Context): number => (stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY);

interface SyncFailure {
  readonly session: string | null;
  readonly error: BrokerError;
}

interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly failures: readonly SyncFailure[];
  /** By one session at least. */
  readonly answered: boolean;
}

/** With a sign-in for the session that is meant, if that is what it takes. */
async function syncedAll(context: Context, client: BrokerClient, name: string | null): Promise<Catalogue> {
  const first = await catalogue(context, client, name);
  if (!context.interactive || !first.failures.some(({ error }) => error.code === 'LoginRequired')) return first;
  const { sessions } = await client.status();
  const [meant, ...others] = sessions.filter((session) =>
    name === null ? hasExpired(session) : session.name === name,
  );
  // Of several that have expired a person may care for one.
  if (meant === undefined || others.length > 0 || !(await signInAgain(context, client, meant))) return first;
  return catalogue(context, client, name);
}

const hasExpired = ({ state, expiresAt }: SessionView): boolean => state === 'login-required' && expiresAt !== null;

async function catalogue(context: Context, client: BrokerClient, session: string | null): Promise<Catalogue> {
  const progress = openProgress(context);
  const entries: CatalogueEntry[] = [];
  const failures: SyncFailure[] = [];
  let answered = false;
  const moves = ifItLasts(context, () => progress.show('Waiting for the list of accounts …'));
  try {
    for await (const event of client.sync(session)) {
      moves();
      if (event.event === 'entries') answered = true;
      if (event.event === 'failed') failures.push({ session: event.session ?? null, error: refusalOf(event) });
      else if (event.event === 'entries') entries.push(...event.entries);
      else progress.show(`Session "${event.session}": ${event.done} of ${event.accounts} accounts`);
    }
  } finally {
    moves();
    progress.end();
  }
  return { entries, failures, answered };
}
