/** The broker: finds the lease a client asks for, keeps the machines in step with the settings, beats their heart. */
import { accessToken } from './access-token.ts';
import type { BrokerApi, GetOptions, LoginOptions, LogoutOptions, Served, SignedIn } from './api.ts';
import type { BrokerOptions } from './broker-options.ts';
import { Errands } from './errands.ts';
import { BrokerError } from './errors.ts';
import { explainUnserved } from './explain.ts';
import type { ExplainView } from './explain-view.ts';
import { failure } from './failure.ts';
import { withCatalogue } from './implied-profiles.ts';
import { Leases } from './leases.ts';
import { Mailbox } from './mailbox.ts';
import type { Runtime } from './runtime.ts';
import { SessionRunner } from './session-runner.ts';
import type { SessionSettings, Settings } from './settings.ts';
import { alike } from './settings-diff.ts';
import { SleepWatch } from './sleep-watch.ts';
import { profileView, sessionView } from './status.ts';
import { UpstreamGates } from './upstream-gates.ts';
import type { ProfileView, SessionView } from './views.ts';

export class Broker implements BrokerApi {
  readonly errands: Errands;
  readonly #options: BrokerOptions;
  readonly #runtime: Runtime;
  readonly #sessions = new Map<string, SessionRunner>();
  readonly #leases: Leases;
  readonly #watchers = new Set<() => void>();
  #settings: Settings;
  /** As the files have them, without what catalogues add. */
  #loaded: Settings;
  readonly #gates: UpstreamGates;
  readonly #sleep: SleepWatch;

  constructor(options: BrokerOptions) {
    const { clock, timers, random, log, seed, settings, notify, fingerprint } = options;
    this.#options = options;
    this.#settings = { ...settings, sessions: new Map(), profiles: new Map() };
    this.#loaded = settings;
    this.#sleep = new SleepWatch(clock);
    const changed = (): void => {
      for (const watcher of this.#watchers) watcher();
    };
    const inForce = (): Settings => this.#settings;
    this.#gates = new UpstreamGates({ mono: () => clock.mono(), random, numbers: () => inForce().refresh });
    const session = (name: string): SessionRunner => this.#session(name);
    const revoked = (transaction: string): void => {
      for (const lease of this.#leases.all()) lease.dispatch({ type: 'revoked', transaction });
    };
    this.errands = new Errands({
      upstream: options.errands,
      settings: inForce,
      session,
      revoked,
      get: (name, request) => this.get(name, request),
    });
    this.#runtime = {
      ...{ clock, timers, random, log, seed, changed, notify, fingerprint },
      mailbox: new Mailbox(),
      revoked,
      login: () => inForce().login,
      get numbers() {
        return inForce().refresh;
      },
    };
    const { openProfile, checkouts } = options;
    this.#leases = new Leases(this.#runtime, {
      settings: inForce,
      session,
      gates: this.#gates,
      openProfile,
      checkouts,
    });
    this.reload(settings);
  }

  settings(): Settings {
    return this.#settings;
  }

  peek(profile: string): Served | null {
    return this.#leases.of(profile).peek();
  }

  get(profile: string, options: GetOptions): Promise<Served> {
    return this.#leases.of(profile).get(options);
  }

  renew(profile: string, options: GetOptions): Promise<Served> {
    return this.#leases.of(profile).renew(options);
  }

  checkin(profile: string): Promise<boolean> {
    return this.#leases.of(profile).checkin();
  }

  async login(name: string, options: LoginOptions): Promise<SignedIn> {
    const session = this.#session(name);
    if (options.token !== null && session.parts.settings.provider === 'aws-sso') {
      throw new BrokerError('BadRequest', `Session "${name}" takes no token. Run: credbroker login ${name}`);
    }
    await session.login(options);
    const record = session.record();
    if (!record) throw new BrokerError('LoginRequired', `Signed out of "${name}" again. Run: credbroker login ${name}`);
    this.errands.signedIn(name);
    return { expiresAt: record.tokenType === 'TOKEN' ? null : record.expiresAt };
  }

  async logout(name: string, options: LogoutOptions = { revoke: false }): Promise<boolean> {
    return this.#session(name).logout(options);
  }

  async token(...[name, options]: Parameters<BrokerApi['token']>): ReturnType<BrokerApi['token']> {
    return accessToken(this.#session(name), this.#runtime, options);
  }

  sessions(): readonly SessionView[] {
    return [...this.#sessions.values()].map((runner) => sessionView(runner));
  }

  explain(name: string): ExplainView {
    const profile = this.#settings.profiles.get(name);
    return profile?.kind === 'unserved' ? explainUnserved(profile) : this.#leases.of(name).explain();
  }

  profiles(): readonly ProfileView[] {
    const now = this.#runtime.clock.now();
    return [...this.#settings.profiles.values()].map((profile) =>
      profileView(this.#settings, profile, { state: this.#leases.made(profile.name)?.state ?? null, now }),
    );
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** Takes over what changed and leaves the rest running: credentials of an unchanged profile stay. */
  reload(loaded = this.#loaded): void {
    const before = this.#settings;
    this.#loaded = loaded;
    const inUse = this.#leases
      .all()
      .filter(({ state }) => state.held !== null)
      .map(({ settings }) => settings);
    const settings = withCatalogue(loaded, { offers: this.#options.errands.offers, inUse });
    this.#settings = settings;
    this.#leases.reconcile(before, settings);
    for (const [name, runner] of this.#sessions) {
      if (alike(runner.parts.settings, settings.sessions.get(name))) continue;
      void runner.close(failure('SessionNotFound', `Session "${name}" was changed or removed; ask again`));
      this.#sessions.delete(name);
    }
    for (const session of settings.sessions.values()) this.#openSession(session);
    this.#runtime.changed();
  }

  /** The machine slept: what was learned before says nothing any more. */
  wake(): void {
    for (const machine of [...this.#sessions.values(), ...this.#leases.all()]) machine.dispatch({ type: 'wake' });
  }

  /** Called at least every 15 s. Nothing depends on its being on time: every request looks for itself. */
  beat(): void {
    if (this.#sleep.slept()) this.wake();
    for (const session of this.#sessions.values()) session.dispatch({ type: 'beat' });
    for (const lease of this.#leases.all()) lease.beat();
  }

  /** Resolves when what a refresh under way may still bring is stored. */
  async close(): Promise<void> {
    const gone = failure('UpstreamUnavailable', 'The daemon is stopping');
    this.errands.close();
    for (const lease of this.#leases.all()) lease.close(gone, false);
    await Promise.all([...this.#sessions.values()].map((session) => session.close(gone)));
  }

  #openSession(settings: SessionSettings): void {
    if (this.#sessions.has(settings.name)) return;
    this.#sessions.set(
      settings.name,
      new SessionRunner(this.#runtime, this.#options.openSession(settings), this.#gates.of(settings)),
    );
  }

  #session(name: string): SessionRunner {
    const runner = this.#sessions.get(name);
    if (runner) return runner;
    const known = [...this.#sessions.keys()].map((key) => `"${key}"`).join(', ');
    const choice = known ? `; there are ${known}` : '';
    throw new BrokerError('SessionNotFound', `No session "${name}"${choice}. Run: credbroker status`);
  }
}
