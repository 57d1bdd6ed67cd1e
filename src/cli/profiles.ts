import type { Command } from 'commander';
import type { BrokerClient } from '../client.ts';
import type { BrokerError } from '../core/errors.ts';
import type { CatalogueEntry } from '../core/views.ts';
import { daemonFor, examples, type StartOption, streamFailure, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { openProgress } from './progress.ts';
import { columns, printable, printableView } from './text.ts';

interface ListOptions extends StartOption {
  readonly json?: boolean;
}

interface SyncOptions extends ListOptions {
  readonly session?: string;
}

export function addProfiles(program: Command, context: Context): void {
  const list = program
    .command('profiles')
    .description('list the profiles that are served')
    .option('--json', 'for scripts');
  withDaemon(list).action((options: ListOptions) => listProfiles(context, options));
  examples(list, ['credbroker profiles', 'credbroker profiles --json', 'credbroker profiles sync --session work']);

  const sync = list
    .command('sync')
    .description('ask upstream for every account and role there is')
    .option('--session <name>', 'ask one session only')
    .option('--json', 'for scripts');
  withDaemon(sync).action((options: SyncOptions) => syncProfiles(context, options));
  examples(sync, ['credbroker profiles sync', 'credbroker profiles sync --session work --json']);
}

async function listProfiles(context: Context, options: ListOptions): Promise<void> {
  const { client } = await daemonFor(context, options);
  const profiles = await client.profiles();
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(profiles, null, 2)}\n`);
    return;
  }
  const rows = printableView(profiles).map((profile) => [
    profile.name,
    profile.session ?? '-',
    profile.accountId ?? '-',
    profile.roleName ?? '-',
    profile.region ?? '-',
  ]);
  table(context, ['PROFILE', 'SESSION', 'ACCOUNT', 'ROLE', 'REGION'], rows);
}

async function syncProfiles(context: Context, options: SyncOptions): Promise<void> {
  const { client } = await daemonFor(context, options);
  const { entries, failures } = await catalogue(context, client, options.session ?? null);
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
  } else {
    const rows = printableView(entries).map((entry) => [
      entry.session,
      entry.accountId,
      entry.accountName,
      entry.roleName,
      entry.profile ?? '-',
    ]);
    table(context, ['SESSION', 'ACCOUNT', 'NAME', 'ROLE', 'PROFILE'], rows);
  }
  // What one session refused hides nothing of what the others offered.
  const last = failures.pop();
  for (const { message } of failures) context.stderr.write(`${printable(message)}\n`);
  if (last !== undefined) throw last;
}

interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly failures: BrokerError[];
}

async function catalogue(context: Context, client: BrokerClient, session: string | null): Promise<Catalogue> {
  const progress = openProgress(context);
  const entries: CatalogueEntry[] = [];
  const failures: BrokerError[] = [];
  try {
    for await (const event of client.sync(session)) {
      if (event.event === 'failed') failures.push(streamFailure(event));
      else if (event.event === 'entries') entries.push(...event.entries);
      else progress.show(`Session "${event.session}": ${event.done} of ${event.accounts} accounts`);
    }
  } finally {
    progress.end();
  }
  return { entries, failures };
}

function table(context: Context, head: readonly string[], rows: readonly (readonly string[])[]): void {
  context.stdout.write(`${columns([head, ...rows]).join('\n')}\n`);
}
