/** Settings and adapters become a broker: which store, which provider, which piece of the world goes where. */
import { join } from 'node:path';
import { serviceEndpoint } from '../config/aws-endpoints.ts';
import { homeOf, variable } from '../config/environment.ts';
import { canOpenBrowser, openBrowser } from './adapters/browser.ts';
import { openDesktopNotify } from './adapters/desktop-notify.ts';
import { fingerprint } from './adapters/fingerprint.ts';
import { openHttp } from './adapters/http.ts';
import { openLoopback } from './adapters/loopback.ts';
import { openPresence } from './adapters/presence.ts';
import { readText } from './adapters/read-text.ts';
import { secretRegistrationStore, secretSessionStore } from './adapters/secret-session-store.ts';
import type { SecretStore } from './adapters/secret-store/secret-store.ts';
import { SsoCache } from './adapters/sso-cache.ts';
import { Broker } from './core/broker.ts';
import { Clusters } from './core/clusters.ts';
import type { Kept } from './core/kept.ts';
import type { NoticeKind } from './core/notice.ts';
import type { Clock, Log, Timers } from './core/ports.ts';
import { noMemo, type SessionMemo } from './core/session-memo.ts';
import type { SessionSettings, Settings } from './core/settings.ts';
import type { Checkout, Presence, SessionStore } from './core/types.ts';
import { openEks } from './providers/eks/index.ts';
import { openProviders } from './providers/index.ts';

export interface ComposeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly version: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly secrets: SecretStore;
  readonly memos: Kept<SessionMemo>;
  readonly checkouts: Kept<Checkout>;
  /** What Britive's tenants offer, kept for a day. */
  readonly catalogues: Kept<unknown>;
  readonly seed: string;
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
  const { env, platform, clock, timers, log, memos, checkouts } = options;
  const http = openHttp({ env, version: options.version });
  const providers = openProviders({
    fetch: http.fetch,
    clock,
    timers,
    openLoopback,
    openBrowser: (url) => openBrowser(url, { env, platform }),
    registrations: secretRegistrationStore(options.secrets),
    random: Math.random,
    catalogues: {
      load: (key) => options.catalogues.of(key),
      save: async (key, catalogue) => {
        options.catalogues.save(key, catalogue);
        // What is offered now is served now.
        broker.reload();
      },
    },
    variable: (name) => variable(env, name),
    readText,
  });
  const presence = openPresence({ env, platform, timers });
  const showOnDesktop = openDesktopNotify({ env, platform, timers, log });
  const broker = new Broker({
    settings: options.settings,
    clock,
    timers,
    random: Math.random,
    log,
    seed: options.seed,
    notify: (notice) => {
      log.warn({ session: notice.session, kind: notice.kind }, notice.message);
      showOnDesktop(titles[notice.kind], notice.message);
    },
    fingerprint,
    checkouts,
    openSession: (settings) => ({
      settings,
      upstream: providers.openSession(settings),
      store: openStore(settings, options),
      ...(isWorkload(settings) ? nobody : { canOpenBrowser: canOpenBrowser(env, platform), presence }),
      memo: memos.of(settings.name) ?? noMemo,
      saveMemo: (memo) => memos.save(settings.name, memo),
    }),
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

/** A workload signs in with what its surroundings give it: no window opens, and nobody has to be there. */
const isWorkload = (settings: SessionSettings): boolean =>
  settings.provider === 'britive' && settings.federation !== null;

const nobody = { canOpenBrowser: true, presence: async (): Promise<Presence> => 'unknown' };

function openStore(settings: SessionSettings, { env, platform, timers, secrets }: ComposeOptions): SessionStore {
  if (settings.provider === 'britive' || settings.tokenCache === 'private') {
    return secretSessionStore(secrets, settings.name);
  }
  const { startUrl, region, cacheKey } = settings;
  const directory = join(homeOf(env, platform), '.aws', 'sso', 'cache');
  return new SsoCache({ directory, startUrl, region, cacheKey, timers });
}
