/** Every profile's lease, made when it is first asked for, on top of what it builds on. */
import type { BrokerOptions } from './broker-options.ts';
import { BrokerError } from './errors.ts';
import { failure } from './failure.ts';
import type { Kept } from './kept.ts';
import type { LeaseParent } from './lease-parent.ts';
import { LeaseRunner } from './lease-runner.ts';
import { NoParent } from './no-parent.ts';
import type { Runtime } from './runtime.ts';
import type { SessionRunner } from './session-runner.ts';
import type { ServedProfileSettings, SessionProfileSettings, Settings } from './settings.ts';
import { meaningOf } from './settings-diff.ts';
import { SourceParent } from './source-parent.ts';
import type { Checkout } from './types.ts';
import type { UpstreamGates } from './upstream-gates.ts';

interface LeasesOptions {
  readonly settings: () => Settings;
  /** Throws `SessionNotFound`. */
  readonly session: (name: string) => SessionRunner;
  readonly gates: UpstreamGates;
  readonly openProfile: BrokerOptions['openProfile'];
  readonly checkouts: Kept<Checkout>;
}

export class Leases {
  readonly #runtime: Runtime;
  readonly #options: LeasesOptions;
  readonly #leases = new Map<string, LeaseRunner>();

  constructor(runtime: Runtime, options: LeasesOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  /** Throws `ProfileNotFound`, or `ConfigInvalid` for a profile that cannot be served. */
  of(name: string): LeaseRunner {
    const existing = this.#leases.get(name);
    if (existing) return existing;
    const profile = this.#options.settings().profiles.get(name);
    if (!profile) throw new BrokerError('ProfileNotFound', `No profile "${name}". Run: credbroker profiles`);
    if (profile.kind === 'unserved') throw new BrokerError('ConfigInvalid', profile.problem);
    const parent = this.#parentOf(profile);
    const session = isOfSession(profile) ? this.#options.session(profile.session).parts.settings : null;
    const upstream = this.#options.openProfile(profile, session);
    const { checkouts } = this.#options;
    const lease = new LeaseRunner(this.#runtime, { settings: profile, upstream, parent, checkouts });
    this.#leases.set(name, lease);
    return lease;
  }

  #parentOf(profile: ServedProfileSettings): LeaseParent {
    const { session, gates } = this.#options;
    if (isOfSession(profile)) return session(profile.session);
    const { name, kind } = profile;
    if (kind === 'process') return new NoParent({ who: `The helper of "${name}"`, gate: gates.at(`process ${name}`) });
    if (kind === 'aws-login') return new NoParent({ who: 'The AWS sign-in', gate: gates.at('aws-login') });
    const sts = { who: 'AWS STS', gate: gates.at(profile.stsEndpoint ?? `sts ${profile.region}`) };
    if (kind === 'web-identity') return new NoParent(sts);
    const holdMs = (): number => this.#runtime.numbers.hold.helperMs;
    return new SourceParent({ ...sts, lease: this.of(profile.source), holdMs });
  }

  /** Null where nobody has asked yet. */
  made(name: string): LeaseRunner | null {
    return this.#leases.get(name) ?? null;
  }

  all(): readonly LeaseRunner[] {
    return [...this.#leases.values()];
  }

  /** Ends those whose profile or session means something else now. */
  reconcile(before: Settings, after: Settings): void {
    for (const [name, lease] of this.#leases) {
      const same = meaningOf(before, name) === meaningOf(after, name);
      if (same) continue;
      lease.close(failure('ProfileNotFound', `Profile "${name}" was changed or removed; ask again`), true);
      this.#leases.delete(name);
    }
  }
}

const isOfSession = (profile: ServedProfileSettings): profile is SessionProfileSettings =>
  profile.kind === 'sso' || profile.kind === 'britive';
