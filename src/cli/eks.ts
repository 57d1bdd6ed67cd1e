/** Clusters in the kubeconfig, opened by tokens that the daemon makes. */
import type { Command } from 'commander';
import type { KubeContext } from '../../config/kubeconfig.ts';
import type { ClusterView } from '../core/eks-views.ts';
import { BrokerError, messageOf } from '../core/errors.ts';
import type { ProfileView } from '../core/views.ts';
import { type ClusterProfile, clusterProfile, regionOf } from './cluster-request.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { addEksToken } from './eks-token.ts';
import { ExitError, usage } from './exit.ts';
import { type Written, writeContexts } from './kubeconfig-file.ts';
import { ownCommand } from './own-command.ts';
import { counted, say } from './text.ts';

interface ConnectOptions extends StartOption {
  readonly cluster?: readonly string[];
  readonly region?: string;
  readonly alias?: string;
}

export function addEks(program: Command, context: Context): void {
  const eks = program.command('eks').description('reach Kubernetes clusters with a profile');
  const connect = eks
    .command('connect')
    .description('write the clusters of a profile to the kubeconfig')
    .argument('<profile>')
    .option('--cluster <name>', 'this one alone, and not all there are; may be given several times', collected)
    .option('--region <region>', "where they are, if not in the profile's region")
    .option('--alias <name>', "what to call the context, for one cluster; otherwise it is the cluster's ARN");
  withDaemon(connect).action((profile: string, options: ConnectOptions) => connectClusters(context, profile, options));
  examples(connect, [
    'credbroker eks connect dev',
    'credbroker eks connect dev --cluster blue --alias blue',
    'credbroker eks connect dev --region us-east-1',
  ]);
  addEksToken(eks, context);
  examples(eks, ['credbroker eks connect dev']);
}

const collected = (name: string, before: readonly string[] = []): readonly string[] => [...before, name];

async function connectClusters(context: Context, name: string, options: ConnectOptions): Promise<void> {
  refuseAlias(options, options.cluster?.length ?? 1);
  const found = await clusterProfile(context, await daemonFor(context, options), name);
  const region = await regionOf(found, options.region ?? null);
  const names = options.cluster ?? (await allNames(found, region));
  refuseAlias(options, names.length);
  const { clusters, failures } = await described(context, found, { names, region });
  if (clusters.length > 0) {
    const command = await ownCommand(context);
    const contexts = clusters.map((cluster) =>
      contextOf(cluster, { command, profile: found.profile, region, alias: options.alias }),
    );
    report(context, contexts, await writeContexts(context, contexts));
  }
  const [first] = failures;
  if (first === undefined) return;
  // What is wrong with the only one is the whole story.
  if (names.length === 1) throw first.error;
  for (const { cluster, error } of failures) say(context, `Cluster "${cluster}": ${messageOf(error)}`);
  throw new ExitError(1, `${failures.length} of ${counted(names.length, 'cluster')} could not be connected`);
}

/** It names one context. */
function refuseAlias({ alias }: ConnectOptions, clusters: number): void {
  if (alias === undefined || clusters === 1) return;
  throw usage(`--alias names one context, for ${counted(clusters, 'cluster')}. Add one --cluster`);
}

async function allNames({ profile, ask }: ClusterProfile, region: string | null): Promise<readonly string[]> {
  const listed = await ask((client) => client.clusters(profile.name, region));
  if (listed.names.length > 0) return listed.names;
  const where = listed.region === null ? '' : ` in ${listed.region}`;
  throw new BrokerError('Failed', `Profile "${profile.name}" sees no clusters${where}. Name a region with --region`);
}

interface Described {
  readonly clusters: readonly ClusterView[];
  readonly failures: readonly { readonly cluster: string; readonly error: unknown }[];
}

/** What is wrong with one keeps nobody from the others. */
async function described(
  context: Context,
  { profile, ask }: ClusterProfile,
  { names, region }: { readonly names: readonly string[]; readonly region: string | null },
): Promise<Described> {
  const clusters: ClusterView[] = [];
  const failures: Described['failures'][number][] = [];
  for (const cluster of names) {
    try {
      clusters.push(await ask((client) => client.cluster(profile.name, { cluster, region })));
    } catch (error) {
      context.signals.aborted.throwIfAborted();
      failures.push({ cluster, error });
    }
  }
  return { clusters, failures };
}

interface Connecting {
  readonly command: readonly [string, ...string[]];
  readonly profile: ProfileView;
  readonly region: string | null;
  readonly alias: string | undefined;
}

/** Named as the AWS CLI names it, unless there is an alias. */
function contextOf(cluster: ClusterView, { command, profile, region, alias }: Connecting): KubeContext {
  const name = cluster.arn ?? profile.name;
  const elsewhere = region === null || region === profile.region ? [] : ['--region', region];
  return {
    name: alias ?? name,
    cluster: name,
    server: cluster.server,
    certificateAuthority: cluster.certificateAuthority,
    command: [...command, 'eks', 'token', profile.name, cluster.name, ...elsewhere],
  };
}

function report(context: Context, contexts: readonly KubeContext[], { file, current }: Written): void {
  for (const { name } of contexts) {
    say(context, `${name === current ? 'Current context' : 'Context'} "${name}" is in "${file}"`);
  }
}
