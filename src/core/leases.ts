/** Every profile's lease, made when it is first asked for, on top of what it builds on. */
import { BrokerError } from './errors.ts';
import { failure } from './failure.ts';
import type { Kept } from './kept.ts';
import type { LeaseParent } from './lease-parent.ts';
import { LeaseRunner } from './lease-runner.ts';
import type { Runtime } from './runtime.ts';
import type { SessionRunner } from './session-runner.ts';
import type { ServedProfileSettings, SessionSettings, Settings } from './settings.ts';
import { alike, sameRole } from './settings-diff.ts';
import type { Checkout, LeaseUpstream } from './types.ts';

interface LeasesOptions {
  readonly settings: () => Settings;
  /** Throws `SessionNotFound`. */
  readonly session: (name: string) => SessionRunner;
  readonly openProfile: (settings: ServedProfileSettings, session: SessionSettings) => LeaseUpstream;
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
    const session = this.#options.session(profile.session);
    const upstream = this.#options.openProfile(profile, session.parts.settings);
    const parent: LeaseParent = session;
    const { checkouts } = this.#options;
    const lease = new LeaseRunner(this.#runtime, { settings: profile, upstream, parent, checkouts });
    this.#leases.set(name, lease);
    return lease;
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
      const session = after.sessions.get(lease.settings.session);
      const same =
        session &&
        alike(before.sessions.get(session.name), session) &&
        sameRole(lease.settings, after.profiles.get(name));
      if (same) continue;
      lease.close(failure('ProfileNotFound', `Profile "${name}" was changed or removed; ask again`), true);
      this.#leases.delete(name);
    }
  }
}
