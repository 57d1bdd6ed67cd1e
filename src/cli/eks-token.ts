/** What kubectl's exec plugin prints: one `ExecCredential` on stdout, or nothing there and one line on stderr. */
import type { Command } from 'commander';
import { clusterProfile } from './cluster-request.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { askedVersion } from './exec-info.ts';
import type { TokenRequest } from './token-request.ts';

interface TokenOptions extends StartOption {
  readonly region?: string;
}

export function addEksToken(eks: Command, context: Context): void {
  const command = eks
    .command('token')
    .description('print a token of a cluster, as kubectl reads it')
    .argument('<profile>')
    .argument('<cluster>')
    .option('--region <region>', "where the cluster is, if not in the profile's region");
  withDaemon(command).action((profile: string, cluster: string, { region, start }: TokenOptions) =>
    printToken(context, { profile, cluster, region: region ?? null, start }),
  );
  examples(command, ['credbroker eks token dev blue']);
}

export async function printToken(context: Context, request: TokenRequest): Promise<void> {
  const apiVersion = askedVersion(context.env);
  const { cluster, region } = request;
  const { profile, ask } = await clusterProfile(context, await daemonFor(context, request), request.profile);
  const credential = await ask((client) => client.clusterToken(profile.name, { cluster, region }));
  context.stdout.write(`${JSON.stringify({ ...credential, apiVersion })}\n`);
}
