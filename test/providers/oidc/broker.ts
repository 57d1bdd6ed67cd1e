import { Broker } from '../../../src/core/broker.ts';
import { Kept } from '../../../src/core/kept.ts';
import type { Notice } from '../../../src/core/notice.ts';
import { noMemo } from '../../../src/core/session-memo.ts';
import type { Checkout, Credentials, LeaseUpstream, SessionRecord, Verdict } from '../../../src/core/types.ts';
import { epoch } from '../../../src/core/types.ts';
import { send } from '../../../src/providers/http.ts';
import { readJson } from '../../../src/providers/json-reply.ts';
import type { OidcSession } from '../../../src/providers/oidc/index.ts';
import { hours } from '../../support/fake-clock.ts';
import { FakeStore } from '../../support/fake-upstream.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { noErrands, settingsWith } from '../../support/test-broker.ts';
import type { OidcWorld } from './world.ts';

/** What the API under the issuer gave for an access token, or the message of what kept it from doing so. */
type Told = 'served' | string;

export interface BrokerOver {
  readonly broker: Broker;
  readonly store: FakeStore;
  readonly notices: readonly Notice[];
  /** So many programs ask for what the API gives, for three profiles in turn, anew each time. */
  readonly call: (count?: number) => Promise<Told>;
  /** Lets time pass as the daemon lives it. */
  readonly pass: (ms: number) => Promise<void>;
}

/** The broker over one session of the issuer, and a profile whose credentials are what the issuer's API answers. */
export const brokerOver = async (
  world: OidcWorld,
  session: OidcSession,
  stored: SessionRecord | null,
): Promise<BrokerOver> => {
  const store = new FakeStore(stored);
  const notices: Notice[] = [];
  const { clock, timers } = world.dependencies;
  const broker = new Broker({
    settings: settingsWith(),
    clock,
    timers,
    random: () => 0.5,
    log: recordingLog(),
    seed: 'seed',
    notify: (notice) => void notices.push(notice),
    fingerprint: (secret) => `fp:${secret}`,
    checkouts: new Kept<Checkout>({ load: () => null, save: () => {} }),
    openSession: (settings) => ({
      settings,
      canOpenBrowser: true,
      upstream: session,
      store,
      presence: async () => 'present',
      memo: noMemo,
      saveMemo: () => {},
    }),
    openProfile: () => apiProfile(world),
    errands: noErrands,
  });
  await world.rest();
  const options = () => ({ holdMs: hours(1), signal: new AbortController().signal });
  return {
    broker,
    store,
    notices,
    call: async (count = 1) => {
      const asked = Array.from({ length: count }, (_, index) =>
        broker.renew(profiles[index % profiles.length] ?? '', options()).then(served, message),
      );
      const told = await world.drive(Promise.all(asked));
      return [...new Set(told)].join(' | ');
    },
    pass: async (ms) => {
      const until = clock.now() + ms;
      while (clock.now() < until) {
        world.clock.advance(Math.min(5_000, until - clock.now()));
        broker.beat();
        await world.rest();
      }
    },
  };
};

const profiles = ['dev', 'staging', 'prod'];

const served = (): Told => 'served';
const message = (error: Error): Told => error.message;

const apiProfile = (world: OidcWorld): LeaseUpstream => ({
  renewal: 'overlap',
  prefetch: false,
  timeoutMs: null,
  acquire: ({ record, signal }) => callApi(world, record?.accessToken ?? '', signal),
  release: async () => ({ type: 'ok', value: undefined }),
});

/** An API that is ours to call: 401 and 403 may both be about the access token. */
const callApi = async (world: OidcWorld, accessToken: string, signal: AbortSignal): Promise<Verdict<Credentials>> => {
  const url = `${world.issuer.url}/api`;
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await send(world.dependencies, { method: 'GET', url, headers, body: null }, signal);
  const reply = answer.type === 'failure' ? answer : readJson(answer, world.clock.now());
  if (reply.type === 'failure') return { ...reply, type: 'transient' };
  if (reply.status === 401 || reply.status === 403) return { type: 'unauthorized', detail: `${reply.status}` };
  return { type: 'ok', value: credentials(world) };
};

const credentials = (world: OidcWorld): Credentials => ({
  accessKeyId: 'ASIAFAKE000000000001',
  secretAccessKey: 'secret/key+of/forty/characters/0123456789',
  sessionToken: 'session-token',
  expiresAt: epoch(world.clock.now() + hours(1)),
  accountId: null,
  roleArn: null,
  transaction: null,
});
