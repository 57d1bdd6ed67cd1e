/** One sign-in and what hangs on it: the servers behind the network, the store, and the adapters the broker sees. */
import type {
  AcquireRequest,
  Credentials,
  LeaseUpstream,
  RefreshedTokens,
  ReleaseRequest,
  SessionRecord,
  SessionUpstream,
  Verdict,
} from '../../src/core/types.ts';
import { epoch } from '../../src/core/types.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import type { CallChecks } from './checks/calls.ts';
import type { IdleChecks } from './checks/idle.ts';
import type { NoticeChecks } from './checks/notices.ts';
import type { TokenChecks } from './checks/tokens.ts';
import type { WindowChecks } from './checks/windows.ts';
import type { Daemon } from './daemon.ts';
import type { Network } from './network.ts';
import { Permissions } from './permissions.ts';
import type { Person } from './person.ts';
import type { RoleServer } from './role-server.ts';
import type { ProfileScenario, SiteScenario } from './scenario.ts';
import type { IssuedTokens, SignInServer } from './sign-in-server.ts';
import type { Story } from './story.ts';
import type { TokenStore } from './token-store.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

const ok = <T>(value: T): Verdict<T> => ({ type: 'ok', value });
const unauthorized: Verdict<never> = { type: 'unauthorized', detail: '401' };
const rejected: Verdict<never> = { type: 'rejected', why: 'invalid_grant', detail: 'invalid_grant' };
const denied: Verdict<never> = { type: 'denied', why: 'forbidden', detail: 'no access' };

export interface SiteParts {
  readonly scenario: SiteScenario;
  readonly profiles: readonly ProfileScenario[];
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly server: SignInServer;
  readonly store: TokenStore;
  readonly weather: Weather;
  readonly network: Network;
  readonly person: Person;
  readonly tokens: TokenChecks;
  readonly windows: WindowChecks;
  readonly calls: CallChecks;
  readonly idle: IdleChecks;
  readonly notices: NoticeChecks;
}

interface Acquiring {
  readonly name: string;
  readonly roles: RoleServer;
  readonly request: AcquireRequest;
  readonly askedAt: number;
}

interface StatedTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly lifetimeMs: number;
}

export class Site {
  readonly parts: SiteParts;
  readonly permissions: Permissions;

  constructor(parts: SiteParts) {
    this.parts = parts;
    this.permissions = new Permissions(parts.time);
  }

  get name(): string {
    return this.parts.scenario.name;
  }

  session(): SessionUpstream {
    const { network, person, server } = this.parts;
    return {
      refreshLeadMs: (lifetimeMs) => Math.min(minutes(30), lifetimeMs / 2),
      refresh: (record, signal) => this.#refresh(record, signal),
      probe: (record, signal) => {
        const serve = (): Verdict<void> => (this.#takes(record) ? ok(undefined) : unauthorized);
        return network.call({ kind: 'probe', key: `probe ${this.name}`, signal, serve });
      },
      login: (request) => person.openWindow(this.name, request),
      trustMs: seconds(60),
      logoutIsLocal: false,
      logout: (record, signal) => {
        const serve = (): Verdict<void> => {
          server.endOf(record.accessToken);
          return ok(undefined);
        };
        return network.call({ kind: 'logout', key: `logout ${this.name}`, signal, serve });
      },
    };
  }

  profile({ name, renewal }: ProfileScenario, roles: RoleServer): LeaseUpstream {
    const { network } = this.parts;
    return {
      renewal,
      prefetch: true,
      timeoutMs: null,
      acquire: (request) => this.#askFor(name, roles, request),
      release: (request) => {
        if (!this.permissions.checkins.delete(name))
          this.parts.story.complain(`24: ${name} is given back, and nobody wanted that`);
        const serve = (): Verdict<void> => this.#release(roles, request);
        return network.call({ kind: 'release', key: `release ${name}`, signal: request.signal, serve });
      },
    };
  }

  /** As an adapter makes it: the end is reckoned from the life the server states, by the clock its answer has set right. */
  recordOf({ accessToken, refreshToken, lifetimeMs }: StatedTokens): RefreshedTokens {
    const expiresAt = epoch(this.parts.daemon.process.clock.now() + lifetimeMs);
    return {
      record: {
        accessToken,
        refreshToken,
        expiresAt,
        client: null,
        region: 'us-east-1',
        tokenType: null,
        idToken: null,
      },
      lifetimeMs,
    };
  }

  /** What a server says of tokens it issues: `expires_in`, in whole seconds. */
  state({ accessToken, refreshToken, expiresAt }: IssuedTokens): StatedTokens {
    const lifetimeMs = Math.floor((expiresAt - this.parts.time.truth()) / 1_000) * 1_000;
    return { accessToken, refreshToken, lifetimeMs };
  }

  #takes = (record: SessionRecord | null): boolean =>
    record !== null && this.parts.server.takesAccess(record.accessToken, 0);

  async #refresh(record: SessionRecord, signal: AbortSignal): Promise<Verdict<RefreshedTokens>> {
    const { network, server, tokens: checks, scenario, idle, notices, windows, daemon } = this.parts;
    const { process } = daemon;
    const spent = record.refreshToken ?? '';
    checks.sent(spent);
    idle.refreshes(this.name, this.#holdsAnything());
    const serve = (): Verdict<StatedTokens> => {
      const issued = scenario.refreshes ? server.refresh(spent) : null;
      return issued ? ok(this.state(issued)) : rejected;
    };
    const verdict = await network.call({ kind: 'refresh', key: `refresh ${this.name}`, signal, serve });
    const isSame = (): boolean => daemon.process === process && daemon.serving && !windows.isOpen();
    if (verdict.type === 'ambiguous') checks.lost(spent, () => isSame() && !windows.isSignedOut());
    else checks.heard();
    if (verdict.type !== 'ok') {
      if (verdict.type === 'rejected') checks.answered(spent, true);
      return verdict;
    }
    checks.answered(spent, false);
    const tokens = this.recordOf(verdict.value);
    checks.delivered(tokens.record);
    notices.settled();
    return ok(tokens);
  }

  async #askFor(name: string, roles: RoleServer, request: AcquireRequest): Promise<Verdict<Credentials>> {
    const { network, tokens, time, daemon, story, idle } = this.parts;
    const { process } = daemon;
    tokens.used(request.record);
    if (request.wish?.force && !this.permissions.renewals.has(name))
      story.complain(`24: ${name} is forced, and nobody wanted that`);
    // What a program still waits for is not a renewal.
    const held = this.#holds(name);
    const beganAt = time.mono();
    idle.used(this.name);
    const askedAt = time.tick();
    const serve = (): Verdict<Credentials> => this.#acquire({ name, roles, request, askedAt });
    const verdict = await network.call({ kind: 'acquire', key: `acquire ${name}`, signal: request.signal, serve });
    if (verdict.type !== 'ok') return verdict;
    if (held) idle.renewed(name, beganAt);
    roles.delivered(verdict.value.accessKeyId, verdict.value.expiresAt - process.clock.now());
    return verdict;
  }

  #holdsAnything(): boolean {
    const views = this.parts.daemon.process.broker.profiles();
    return views.some(({ session, state }) => session === this.name && state !== 'empty' && state !== 'spent');
  }

  #holds(profile: string): boolean {
    const view = this.parts.daemon.process.broker.profiles().find(({ name }) => name === profile);
    return view?.state === 'due' || view?.state === 'short';
  }

  #acquire({ name, roles, request, askedAt }: Acquiring): Verdict<Credentials> {
    if (!this.#takes(request.record) || this.permissions.refused.has(name)) return unauthorized;
    if (this.permissions.denied.has(name)) return denied;
    const { checkout, wish } = request;
    const force = wish?.force ?? false;
    const answer = roles.acquire({ transaction: checkout?.transaction ?? null, force, askedAt });
    if (answer.type === 'running') return { type: 'not-yet', retryAt: epoch(answer.until) };
    const { expiresAt, ...keys } = answer.keys;
    return ok({ ...keys, expiresAt: epoch(expiresAt), accountId: null, roleArn: null });
  }

  #release(roles: RoleServer, { record, checkout, signal }: ReleaseRequest): Verdict<void> {
    if (!this.#takes(record)) return unauthorized;
    roles.release(checkout.transaction, signal.aborted);
    return ok(undefined);
  }
}
