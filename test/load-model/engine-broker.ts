/** The shipped broker with a sign-in that never ends, the clock of the virtual day and an upstream in this process. */
import { defaults } from '../../config/defaults.ts';
import { Broker } from '../../src/core/broker.ts';
import { Kept } from '../../src/core/kept.ts';
import type { Log } from '../../src/core/ports.ts';
import { noMemo } from '../../src/core/session-memo.ts';
import type { RefreshNumbers } from '../../src/core/settings.ts';
import {
  type Credentials,
  epoch,
  type LeaseUpstream,
  mono,
  type SessionRecord,
  type SessionUpstream,
  type Verdict,
} from '../../src/core/types.ts';
import { hours, seconds } from '../support/fake-clock.ts';
import { FakeStore } from '../support/fake-upstream.ts';
import { noErrands, settingsWith, ssoProfile } from '../support/test-broker.ts';
import type { World } from './source.ts';
import type { CredentialSet } from './upstream.ts';

/** When the virtual day begins. */
export const dayBegins = Date.parse('2026-11-21T09:00:00.000Z');

export const profileName = (profile: number): string => `profile-${profile}`;

export function openBroker(world: World, lead: RefreshNumbers['lead']): Broker {
  const { time, random } = world;
  const names = Array.from({ length: world.profiles }, (_, profile) => profileName(profile));
  const numberOf = new Map(names.map((name, profile) => [name, profile]));
  return new Broker({
    settings: settingsWith({
      refresh: { ...defaults.refresh, lead },
      profiles: new Map(names.map((name) => [name, ssoProfile(name, 'work')])),
    }),
    clock: { now: () => epoch(dayBegins + time.now), mono: () => mono(time.now), anchor: () => {}, anchored: () => 0 },
    timers: {
      after: (ms, run) =>
        time.after(ms, () => {
          time.stir();
          run();
        }),
    },
    random,
    log: noErrors,
    seed: 'load model',
    notify: () => {},
    fingerprint: (secret) => secret,
    checkouts: new Kept({ load: () => null, save: () => {} }),
    openSession: (settings) => ({
      settings,
      canOpenBrowser: false,
      upstream: signedIn,
      store: new FakeStore(record),
      presence: async () => 'unknown',
      memo: noMemo,
      saveMemo: () => {},
    }),
    openProfile: ({ name }) => leaseUpstream(world, numberOf.get(name) ?? 0),
    errands: noErrands,
  });
}

function leaseUpstream({ time, upstream }: World, profile: number): LeaseUpstream {
  const acquire = (): Promise<Verdict<Credentials>> =>
    new Promise((resolve) => {
      upstream.call(profile, (set) => {
        time.stir();
        resolve(set ? { type: 'ok', value: credentialsOf(set) } : refused);
      });
    });
  return { renewal: 'overlap', prefetch: true, timeoutMs: null, acquire, release: async () => ok };
}

const ok: Verdict<void> = { type: 'ok', value: undefined };
const refused: Verdict<never> = { type: 'transient', why: 'connect', detail: 'refused', retryAfterMs: null };

const credentialsOf = ({ expiresAt }: CredentialSet): Credentials => ({
  accessKeyId: 'ASIALOADMODEL0000001',
  secretAccessKey: 'secret/key+of/forty/characters/012345678',
  sessionToken: 'session-token',
  expiresAt: epoch(dayBegins + expiresAt),
  accountId: null,
  roleArn: null,
  transaction: null,
});

const record: SessionRecord = {
  accessToken: 'access-token',
  expiresAt: epoch(dayBegins + hours(24 * 365)),
  refreshToken: null,
  client: null,
  region: 'us-east-1',
  tokenType: null,
  idToken: null,
};

const signedIn: SessionUpstream = {
  refreshLeadMs: () => 0,
  refresh: async () => refused,
  probe: async () => ok,
  login: async () => ({ type: 'declined', detail: 'nobody signs in here' }),
  trustMs: seconds(60),
  logoutIsLocal: false,
  logout: async () => ok,
};

/** A bug must not pass for a slow upstream. */
const noErrors: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: ({ err }, message) => {
    throw new Error(message, { cause: err });
  },
};
