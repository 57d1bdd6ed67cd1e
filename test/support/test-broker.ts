import { defaults } from '../../config/defaults.ts';
import type { GetOptions, LoginOptions, Served } from '../../src/core/api.ts';
import { Broker } from '../../src/core/broker.ts';
import type { BrokerOptions } from '../../src/core/broker-options.ts';
import { Kept } from '../../src/core/kept.ts';
import { type LoginHistory, noHistory } from '../../src/core/login-policy.ts';
import type { Notice } from '../../src/core/notice.ts';
import { noMemo, type SessionMemo } from '../../src/core/session-memo.ts';
import type { Settings, SsoProfileSettings, SsoSessionSettings } from '../../src/core/settings.ts';
import type { Checkout, LeaseUpstream, Presence, SessionRecord } from '../../src/core/types.ts';
import { FakeClock, hours, settled } from './fake-clock.ts';
import { FakeStore, FakeUpstream, ok, unauthorized } from './fake-upstream.ts';
import { recordingLog } from './quiet-log.ts';

const origin = { file: 'test', line: 1 };

const ssoSession = (name: string): SsoSessionSettings => ({
  provider: 'aws-sso',
  name,
  startUrl: 'https://example.awsapps.com/start',
  region: 'us-east-1',
  scopes: ['sso:account:access'],
  cacheKey: name,
  tokenCache: 'shared',
  oidcEndpoint: null,
  portalEndpoint: null,
  origin,
});

export const ssoProfile = (name: string, session: string): SsoProfileSettings => ({
  kind: 'sso',
  name,
  session,
  accountId: '123456789012',
  roleName: 'Developer',
  region: 'eu-west-1',
  description: null,
  origin,
});

export const settingsWith = (change: Partial<Settings> = {}): Settings => ({
  listen: defaults.listen,
  login: 'on-demand',
  refresh: defaults.refresh,
  sessions: new Map([['work', ssoSession('work')]]),
  profiles: new Map(['dev', 'staging', 'prod'].map((name) => [name, ssoProfile(name, 'work')])),
  diagnostics: [],
  files: [],
  ...change,
});

export interface TestBrokerOptions {
  /** What the store holds at the start; by default a session with an hour to live. */
  readonly stored?: (upstream: FakeUpstream) => SessionRecord | null;
  readonly settings?: Partial<Settings>;
  readonly history?: LoginHistory;
  readonly memo?: Partial<SessionMemo>;
  readonly presence?: Presence;
  readonly checkout?: Checkout;
  readonly renewal?: LeaseUpstream['renewal'];
  readonly random?: () => number;
  readonly errands?: Partial<BrokerOptions['errands']>;
  /** Called as something is written down about the session, before anything is done about it. */
  readonly onSaveMemo?: (memo: SessionMemo, upstream: FakeUpstream) => void;
  /** The daemon that ran before: its world goes on, and what it wrote down is read again. */
  readonly after?: Predecessor;
}

interface Predecessor {
  readonly clock: FakeClock;
  readonly upstream: FakeUpstream;
  readonly store: FakeStore;
  readonly memos: readonly SessionMemo[];
  readonly checkouts: Kept<Checkout>;
}

/** Upstream refuses the access token, for the profile that asked first and when it is asked again. */
export async function refuseToken(upstream: FakeUpstream): Promise<void> {
  await settled();
  upstream.acquires[0]?.answer(unauthorized);
  await settled();
  upstream.probes[0]?.answer(unauthorized);
  await settled();
}

/** Upstream offers nothing beside credentials. */
export const noErrands: BrokerOptions['errands'] = {
  catalogue: async () => ({ type: 'ok', value: [] }),
  offers: () => [],
  recall: async () => ({ type: 'ok', value: undefined }),
  checkouts: async () => ({ type: 'ok', value: [] }),
  giveBack: async () => ({ type: 'denied', why: 'not-found', detail: 'nothing is checked out' }),
  issue: async () => ({ type: 'denied', why: 'bad-request', detail: 'nothing but credentials' }),
  console: async () => ({ type: 'denied', why: 'bad-request', detail: 'there is none' }),
};

/** A whole broker, its time, its upstream and its store in the test's hands. */
export async function testBroker(options: TestBrokerOptions = {}) {
  const clock = options.after?.clock ?? new FakeClock();
  const upstream = options.after?.upstream ?? new FakeUpstream(clock);
  const store = new FakeStore(storedAtStart(options, upstream));
  const log = recordingLog();
  const memo = {
    ...(options.after?.memos.at(-1) ?? { ...noMemo, history: options.history ?? noHistory }),
    ...options.memo,
  };
  const memos: SessionMemo[] = [memo];
  const notices: Notice[] = [];
  const user = { presence: options.presence ?? 'present', look: async (): Promise<Presence> => user.presence };
  const process = { runs: true };
  const kept = options.after?.checkouts.of('dev') ?? options.checkout;
  const checkouts = new Kept<Checkout>({ load: () => (kept ? { dev: kept } : null), save: () => {} });
  const broker = new Broker({
    settings: settingsWith(options.settings),
    clock,
    timers: {
      after: (ms, run) => {
        // As the system's: a long wait is made of several.
        if (ms > 15_000) throw new RangeError(`A timer of ${ms} ms`);
        return clock.after(ms, () => process.runs && run());
      },
    },
    random: options.random ?? (() => 0.5),
    log,
    seed: 'seed',
    notify: (notice) => void notices.push(notice),
    fingerprint: (secret) => `fp:${secret}`,
    checkouts,
    openSession: (settings) => ({
      settings,
      canOpenBrowser: true,
      upstream: upstream.session(),
      store,
      presence: () => user.look(),
      memo,
      saveMemo: (changed) => {
        if (!process.runs) return;
        memos.push(changed);
        options.onSaveMemo?.(changed, upstream);
      },
    }),
    openProfile: () => upstream.profile(options.renewal),
    errands: { ...noErrands, ...options.errands },
  });
  await settled();
  return {
    broker,
    clock,
    upstream,
    store,
    log,
    /** What was written down, the latest last. */
    memos,
    notices,
    checkouts,
    user,
    /** Killed: nothing it still does counts, and what was on its way to it arrives nowhere. */
    kill: () => {
      process.runs = false;
    },
    get: getter(broker),
    sessionState: () => broker.sessions()[0]?.state,
  };
}

function storedAtStart({ after, stored }: TestBrokerOptions, upstream: FakeUpstream): SessionRecord | null {
  if (stored) return stored(upstream);
  return after ? after.store.stored : upstream.record();
}

/** Asks like a client, and remembers how it ended. */
const getter =
  (broker: Broker) =>
  (profile = 'dev', change: Partial<GetOptions> = {}): Asked => {
    const asked: { outcome: Served | Error | null } = { outcome: null };
    const warm = broker.peek(profile);
    const done = warm
      ? Promise.resolve(warm)
      : broker.get(profile, { holdMs: 800, signal: new AbortController().signal, ...change });
    done.then(
      (served) => {
        asked.outcome = served;
      },
      (error: Error) => {
        asked.outcome = error;
      },
    );
    return asked;
  };

export interface Asked {
  readonly outcome: Served | Error | null;
}

/** What a client holds after an answer, or what it was told. */
export const told = ({ outcome }: Asked): string => {
  if (outcome === null) return 'waiting';
  return outcome instanceof Error ? outcome.message : `generation ${outcome.generation}`;
};

export const loginOptions = (change: Partial<LoginOptions> = {}): LoginOptions => ({
  flow: 'browser',
  openBrowser: true,
  token: null,
  prompt: () => {},
  signal: new AbortController().signal,
  ...change,
});

/** A broker that holds credentials for `dev`, and a session that outlives them. */
export async function warmBroker(lifeMs = hours(1)) {
  const parts = await testBroker({ stored: (upstream) => upstream.record(hours(8)) });
  parts.get();
  await settled();
  parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials(lifeMs)));
  await settled();
  return parts;
}
