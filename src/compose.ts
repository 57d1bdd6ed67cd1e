/** Settings and adapters become a broker: which store, which provider, which piece of the world goes where. */
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { serviceEndpoint } from '../config/aws-endpoints.ts';
import { homeOf, variable } from '../config/environment.ts';
import { canOpenBrowser, openBrowser } from './adapters/browser.ts';
import { openDesktopNotify } from './adapters/desktop-notify.ts';
import { fingerprint } from './adapters/fingerprint.ts';
import { openHelpers } from './adapters/helper-program.ts';
import { type HttpAdapter, openHttp } from './adapters/http.ts';
import { loginCacheDirectory, SharedLoginCache } from './adapters/login-cache.ts';
import { openLoopback } from './adapters/loopback.ts';
import { openPresence } from './adapters/presence.ts';
import { readText } from './adapters/read-text.ts';
import { secretRegistrationStore, secretSessionStore } from './adapters/secret-session-store.ts';
import { SsoCache } from './adapters/sso-cache.ts';
import { Broker } from './core/broker.ts';
import type { BrokerOptions } from './core/broker-options.ts';
import { Clusters } from './core/clusters.ts';
import type { NoticeKind } from './core/notice.ts';
import { noMemo } from './core/session-memo.ts';
import type { SessionSettings, Settings } from './core/settings.ts';
import type { Presence, SessionStore } from './core/types.ts';
import type { BritiveDependencies } from './providers/britive/types.ts';
import { openEks } from './providers/eks/index.ts';
import { openProviders, type Providers, type ProvidersDependencies } from './providers/index.ts';
import type { World } from './world.ts';

export interface ComposeOptions extends Omit<World, 'paths' | 'state' | 'grants'> {
  readonly settings: Settings;
}

export interface Composed {
  readonly broker: Broker;
  readonly clusters: Clusters;
  readonly close: () => Promise<void>;
}

const titles: Readonly<Record<NoticeKind, string>> = {
  'session-ending': 'A sign-in is about to end',
  'sign-in-needed': 'Programs wait for a sign-in',
  'gate-met': 'A profile needs you',
  'not-stored': 'A sign-in could not be stored',
};

export function composeBroker(options: ComposeOptions): Composed {
  const { env, version, settings, clock, timers, log, seed, checkouts } = options;
  const http = openHttp({ env, version });
  // What is offered now is served now.
  const providers = providersOf(options, { http, offersChanged: () => broker.reload() });
  const broker = new Broker({
    ...{ settings, clock, timers, log, seed, checkouts, fingerprint },
    random: Math.random,
    notify: notifier(options),
    openSession: sessionOpener(options, providers),
    openProfile: providers.openProfile,
    errands: providers,
  });
  const endpointOf = (service: 'eks' | 'sts') => serviceEndpoint(env, service);
  const upstream = openEks({ fetch: http.fetch, clock, timers, endpointOf });
  return {
    broker,
    clusters: new Clusters({ broker, clock, upstream }),
    close: async () => {
      await broker.close();
      await http.close();
    },
  };
}

interface Wires {
  readonly http: HttpAdapter;
  readonly offersChanged: () => void;
}

function providersOf(options: ComposeOptions, { http, offersChanged }: Wires): Providers {
  const { env, platform, clock, timers, secrets, catalogues } = options;
  return openProviders({
    ...{ fetch: http.fetch, clock, timers, openLoopback, readText },
    openBrowser: (url) => openBrowser(url, { env, platform }),
    registrations: secretRegistrationStore(secrets),
    random: Math.random,
    catalogues: {
      load: (key) => catalogues.of(key),
      save: async (key, catalogue) => {
        catalogues.save(key, catalogue);
        offersChanged();
      },
    },
    variable: (name) => variable(env, name),
    ...sourcesOf(options),
  });
}

/** What roles and sign-ins of the AWS CLI need of this machine. */
function sourcesOf({
  env,
  platform,
  clock,
  timers,
  log,
  loginRegions,
}: ComposeOptions): Omit<ProvidersDependencies, keyof BritiveDependencies> {
  const endpoint = serviceEndpoint(env, 'signin');
  const directory = loginCacheDirectory(env);
  return {
    ...{ log, user: userInfo().username, host: hostname() },
    regions: {
      recall: (loginSession) => loginRegions.of(loginSession),
      remember: (loginSession, region) => loginRegions.save(loginSession, region),
    },
    // Nothing stores static keys yet.
    readKeys: async (name) => ({ type: 'denied', why: 'not-found', detail: `there are no stored keys "${name}"` }),
    isOwnUrl: () => false,
    run: openHelpers({ env, platform, clock, timers }),
    warn: (message) => log.warn({}, message),
    openCache: (loginSession) => new SharedLoginCache({ directory, loginSession, timers }),
    endpointOf: () => endpoint,
    signinEndpoint: endpoint,
  };
}

function notifier({ env, platform, timers, log }: ComposeOptions): BrokerOptions['notify'] {
  const showOnDesktop = openDesktopNotify({ env, platform, timers, log });
  return ({ session, kind, message }) => {
    log.warn({ session, kind }, message);
    showOnDesktop(titles[kind], message);
  };
}

function sessionOpener(options: ComposeOptions, providers: Providers): BrokerOptions['openSession'] {
  const { env, platform, timers, memos } = options;
  const presence = openPresence({ env, platform, timers });
  return (settings) => ({
    settings,
    upstream: providers.openSession(settings),
    store: openStore(settings, options),
    ...(isWorkload(settings)
      ? nobody
      : { canOpenBrowser: hasWindow(settings) && canOpenBrowser(env, platform), presence }),
    memo: memos.of(settings.name) ?? noMemo,
    saveMemo: (memo) => memos.save(settings.name, memo),
  });
}

/** A workload signs in with what its surroundings give it: no window opens, and nobody has to be there. */
const isWorkload = (settings: SessionSettings): boolean =>
  settings.provider === 'britive' && settings.federation !== null;

/** A token that somebody makes and pastes comes out of no window. */
const hasWindow = (settings: SessionSettings): boolean => settings.provider !== 'oidc' || settings.flow !== 'token';

const nobody = { canOpenBrowser: true, presence: async (): Promise<Presence> => 'unknown' };

function openStore(settings: SessionSettings, { env, platform, timers, secrets }: ComposeOptions): SessionStore {
  if (settings.provider !== 'aws-sso' || settings.tokenCache === 'private') {
    return secretSessionStore(secrets, settings.name);
  }
  const { startUrl, region, cacheKey } = settings;
  const directory = join(homeOf(env, platform), '.aws', 'sso', 'cache');
  return new SsoCache({ directory, startUrl, region, cacheKey, timers });
}
