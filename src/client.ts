/** The daemon as the commands see it. */
import { ControlWire, refusalOf } from './control-wire.ts';
import type { CheckoutsView, IssueBody, IssuedView, IssueEvent } from './core/checkout-views.ts';
import type { ClusterNamesView, ClusterPlace, ClusterView, ExecCredential } from './core/eks-views.ts';
import { BrokerError } from './core/errors.ts';
import type { ExplainView } from './core/explain-view.ts';
import type { TokenDocument } from './core/token-views.ts';
import type {
  GrantBody,
  GrantView,
  IssuedGrant,
  LoginBody,
  LoginEvent,
  LogoutBody,
  MatchView,
  ProfileView,
  StatusView,
  SyncEvent,
} from './core/views.ts';

type DocumentFormat = 'process' | 'container';
export type CredentialDocument = Readonly<Record<string, unknown>>;

export type IssueProgress = Extract<IssueEvent, { readonly event: 'progress' }>;

/** Every call rejects with a `BrokerError`, or with the reason of the client's signal once that is aborted. */
export interface BrokerClient {
  readonly status: () => Promise<StatusView>;
  readonly login: (session: string, body: LoginBody) => AsyncIterable<LoginEvent>;
  /** An OAuth session's access token, refreshed first where less life than that is left. */
  readonly token: (session: string, minLifeMs: number) => Promise<TokenDocument>;
  /** Resolves with whether upstream could be told. */
  readonly logout: (session: string, body: LogoutBody) => Promise<boolean>;
  readonly profiles: () => Promise<readonly ProfileView[]>;
  readonly explain: (profile: string) => Promise<ExplainView>;
  /** Null asks every session. */
  readonly sync: (session: string | null) => AsyncIterable<SyncEvent>;
  readonly checkout: (profile: string, format: DocumentFormat) => Promise<CredentialDocument>;
  /** A checkout for a person, who may have to wait long; `progress` hears what for. */
  readonly issue: (profile: string, body: IssueBody, progress: (event: IssueProgress) => void) => Promise<IssuedView>;
  /** The names of the clusters that a profile reaches; a null region is the profile's own. */
  readonly clusters: (profile: string, region: string | null) => Promise<ClusterNamesView>;
  readonly cluster: (profile: string, place: ClusterPlace) => Promise<ClusterView>;
  readonly clusterToken: (profile: string, place: ClusterPlace) => Promise<ExecCredential>;
  /** Resolves once what was checked out has been given back, with whether anything was. */
  readonly checkin: (profile: string) => Promise<boolean>;
  /** Of every tenant; those that have not answered by then are among the failures. */
  readonly checkouts: (waitMs: number) => Promise<CheckoutsView>;
  /** Any of them, whoever made it. */
  readonly giveBack: (session: string, transaction: string) => Promise<void>;
  /** Which profiles a name may mean. */
  readonly match: (name: string) => Promise<MatchView>;
  readonly grants: () => Promise<readonly GrantView[]>;
  readonly issueGrant: (body: GrantBody) => Promise<IssuedGrant>;
  readonly revokeGrant: (id: string) => Promise<void>;
  readonly reload: () => Promise<readonly string[]>;
  /** Resolves once subscribed; then yields after every change that `status` would show. */
  readonly events: () => Promise<AsyncIterable<void>>;
  readonly shutdown: () => Promise<void>;
}

export function openClient(socket: string, signal: AbortSignal): BrokerClient {
  const wire = new ControlWire(socket, signal);
  const named = (collection: string, name: string, action: string) =>
    `/v1/${collection}/${encodeURIComponent(name)}${action}`;
  const clusterPath = (profile: string, cluster: string) =>
    named('profiles', profile, `/clusters/${encodeURIComponent(cluster)}`);
  return {
    status: () => wire.json<StatusView>('GET', '/v1/status'),
    login: (session, body) => wire.lines<LoginEvent>(named('sessions', session, '/login'), body),
    token: (session, minLifeMs) => wire.json('POST', named('sessions', session, '/token'), { minLifeMs }),
    logout: async (session, body) =>
      (await wire.json<{ upstreamTold: boolean }>('POST', named('sessions', session, '/logout'), body)).upstreamTold,
    profiles: async () => (await wire.json<{ profiles: ProfileView[] }>('GET', '/v1/profiles')).profiles,
    explain: (profile) => wire.json<ExplainView>('GET', named('profiles', profile, '/explain')),
    sync: (session) => wire.lines<SyncEvent>('/v1/profiles/sync', { session }),
    checkout: (profile, format) => wire.json('POST', named('profiles', profile, '/checkout'), { format }),
    issue: (profile, body, progress) =>
      issued(wire.lines<IssueEvent>(named('profiles', profile, '/issue'), body), progress),
    clusters: (profile, region) => wire.json('POST', named('profiles', profile, '/clusters'), { region }),
    cluster: (profile, { cluster, region }) => wire.json('POST', clusterPath(profile, cluster), { region }),
    clusterToken: (profile, { cluster, region }) =>
      wire.json('POST', `${clusterPath(profile, cluster)}/token`, { region }),
    checkin: async (profile) =>
      (await wire.json<{ givenBack: boolean }>('POST', named('profiles', profile, '/checkin'))).givenBack,
    checkouts: (waitMs) => wire.json<CheckoutsView>('POST', '/v1/checkouts', { waitMs }),
    giveBack: (session, transaction) =>
      wire.done('POST', named('sessions', session, `/checkouts/${encodeURIComponent(transaction)}/checkin`)),
    match: (name) => wire.json<MatchView>('POST', '/v1/matches', { name }),
    grants: async () => (await wire.json<{ grants: GrantView[] }>('GET', '/v1/grants')).grants,
    issueGrant: (body) => wire.json<IssuedGrant>('POST', '/v1/grants', body),
    revokeGrant: (id) => wire.done('DELETE', named('grants', id, '')),
    reload: async () => (await wire.json<{ problems: string[] }>('POST', '/v1/reload')).problems,
    events: () => wire.changes('/v1/events'),
    shutdown: () => wire.done('POST', '/v1/shutdown'),
  };
}

async function issued(
  events: AsyncIterable<IssueEvent>,
  progress: (event: IssueProgress) => void,
): Promise<IssuedView> {
  for await (const event of events) {
    if (event.event === 'failed') throw refusalOf(event);
    if (event.event === 'done') return event;
    progress(event);
  }
  throw new BrokerError('DaemonUnreachable', 'The daemon hung up. Run: credbroker start');
}
