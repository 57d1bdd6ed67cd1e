/** The Kubernetes applications of a tenant: one cluster for a profile, opened by the token that a checkout yields. */
import { LRUCache } from 'lru-cache';
import type { BrokerApi } from './api.ts';
import type { ClusterNamesView, ClusterView } from './eks-views.ts';
import { BrokerError, type ErrorCode } from './errors.ts';
import { execCredential } from './exec-credential.ts';
import type { Clock } from './ports.ts';
import type { BritiveProfileSettings } from './settings.ts';
import type { EpochMs } from './types.ts';

/** So long a token is handed out before the tenant is asked again whether its checkout still runs. */
const trustMs = 5 * 60_000;
/** None is handed out that ends within this time. */
const restMs = 60_000;
const maxProfiles = 256;

/** Failures that say nothing of the checkout. */
const unconfirmed: ReadonlySet<ErrorCode> = new Set([
  'LoginRequired',
  'LoginPending',
  'Renewing',
  'UpstreamUnavailable',
  'UpstreamMalformed',
  'Overloaded',
]);

interface Token {
  readonly session: string;
  readonly askedAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly document: Uint8Array;
}

export class ApplicationClusters {
  readonly #broker: BrokerApi;
  readonly #clock: Clock;
  readonly #held = new LRUCache<string, Token>({ max: maxProfiles });
  /** Ends the watch over the sessions, null where none is needed. */
  #unwatch: (() => void) | null = null;

  constructor(broker: BrokerApi, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
  }

  list({ environment }: BritiveProfileSettings): ClusterNamesView {
    return { region: null, names: [environment] };
  }

  describe({ name, environment, offer }: BritiveProfileSettings): ClusterView {
    const cluster = offer?.cluster ?? null;
    if (cluster !== null) return { name: environment, arn: null, ...cluster };
    const message = `The tenant does not say where the cluster of "${name}" is. Run: credbroker profiles sync`;
    throw new BrokerError('NotFound', message);
  }

  async token(profile: BritiveProfileSettings, signal: AbortSignal): Promise<Uint8Array> {
    const now = this.#clock.now();
    const held = this.#held.get(keyOf(profile));
    const isUsable = held !== undefined && (held.expiresAt === null || held.expiresAt - now > restMs);
    if (isUsable && now - held.askedAt < trustMs) return held.document;
    try {
      return await this.#issued(profile, signal);
    } catch (error) {
      // What nobody can confirm just now may still open the cluster.
      if (isUsable && error instanceof BrokerError && unconfirmed.has(error.code)) return held.document;
      throw error;
    }
  }

  async #issued(profile: BritiveProfileSettings, signal: AbortSignal): Promise<Uint8Array> {
    const { name, session } = profile;
    const askedAt = this.#clock.now();
    const { document: payload, expiresAt } = await this.#broker.errands.issue(name, {
      as: 'payload',
      wish: null,
      signal,
    });
    const { token } = payload;
    if (typeof token !== 'string') {
      throw new BrokerError('UpstreamMalformed', `The checkout of "${name}" holds no token of a cluster`);
    }
    const document = execCredential(token, expiresAt);
    this.#held.set(keyOf(profile), { session, askedAt, expiresAt, document });
    this.#unwatch ??= this.#broker.watch(() => this.#forgetSignedOut());
    // A sign-out may have come meanwhile.
    this.#forgetSignedOut();
    return document;
  }

  #forgetSignedOut(): void {
    const here = this.#broker.sessions().filter(({ state }) => state !== 'signed-out');
    for (const [key, { session }] of [...this.#held]) {
      if (!here.some(({ name }) => name === session)) this.#held.delete(key);
    }
    if (this.#held.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = null;
  }
}

/** By what it stands for: a profile may be led elsewhere. */
const keyOf = ({ session, offer }: BritiveProfileSettings): string => JSON.stringify([session, offer?.id]);
