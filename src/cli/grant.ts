import type { Command } from 'commander';
import type { GrantKind, GrantView } from '../core/views.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { printableView, say, table } from './text.ts';
import { duration, elapsed, parseDuration, remaining } from './time.ts';

export function addGrant(program: Command, context: Context): void {
  const grant = program.command('grant').description('say which local clients may use which profiles');
  examples(grant, ['credbroker grant list']);
  addGrantAdd(grant, context);
  addGrantList(grant, context);
  addGrantRevoke(grant, context);
}

interface AddOptions extends StartOption {
  readonly profile?: readonly string[];
  readonly allProfiles?: boolean;
  readonly container?: boolean;
  readonly lifetime?: string;
}

function addGrantAdd(grant: Command, context: Context): void {
  const add = grant
    .command('add')
    .description('make a grant and print its token, once')
    .argument('<label>', 'who will hold it')
    .option('--profile <name...>', 'what it opens')
    .option('--all-profiles', 'it opens every profile')
    .option('--container', 'for a container')
    .option('--lifetime <duration>', 'when it ends by itself, for example 8h');
  withDaemon(add).action((label: string, options: AddOptions) => addOne(context, label, options));
  examples(add, ['credbroker grant add build --profile dev --lifetime 8h']);
}

async function addOne(context: Context, label: string, options: AddOptions): Promise<void> {
  const { profile: named = [], allProfiles = false, container = false, lifetime = null } = options;
  if (allProfiles === named.length > 0) throw usage('Give either --profile or --all-profiles');
  const kind: GrantKind = container ? 'container' : 'install';
  const lifetimeMs = lifetime === null ? null : parseDuration(lifetime);
  const { client } = await daemonFor(context, options);
  const issued = await client.issueGrant({ label, kind, profiles: allProfiles ? '*' : named, lifetimeMs });
  context.stdout.write(`${issued.token}\n`);
  const ends = lifetimeMs === null ? 'until it is revoked' : `for ${duration(lifetimeMs)}`;
  say(context, `Grant "${issued.id}" is good ${ends}. To end it: credbroker grant revoke ${issued.id}`);
}

function addGrantList(grant: Command, context: Context): void {
  const list = grant.command('list').description('show the grants').option('--json', 'for scripts');
  withDaemon(list).action(async (options: StartOption & { readonly json?: boolean }) => {
    const { client } = await daemonFor(context, options);
    const grants = await client.grants();
    if (options.json === true) context.stdout.write(`${JSON.stringify(grants, null, 2)}\n`);
    else context.stdout.write(grantTable(printableView(grants), context.now()));
  });
  examples(list, ['credbroker grant list --json']);
}

function grantTable(grants: readonly GrantView[], now: number): string {
  const rows = grants.map(({ id, label, kind, profiles, lastUsedAt, expiresAt }) => [
    id,
    label,
    kind,
    profiles === '*' ? 'all' : profiles.join(', '),
    lastUsedAt === null ? 'never' : `${elapsed(lastUsedAt, now)} ago`,
    expiresAt === null ? 'when revoked' : `in ${remaining(expiresAt, now)}`,
  ]);
  return table(['ID', 'LABEL', 'KIND', 'PROFILES', 'USED', 'ENDS'], rows);
}

function addGrantRevoke(grant: Command, context: Context): void {
  const revoke = grant.command('revoke').description('end grants at once').argument('<id...>', 'from grant list');
  withDaemon(revoke).action(async (ids: readonly string[], options: StartOption) => {
    const { client } = await daemonFor(context, options);
    for (const id of ids) {
      await client.revokeGrant(id);
      say(context, `Revoked the grant "${id}"`);
    }
  });
  examples(revoke, ['credbroker grant revoke 1f0c9a7be2d34455']);
}
