/** What one run of the daemon sees of the outside world. After its end nothing it wanted happens any more. */
import type {
  AcquireRequest,
  Credentials,
  LeaseUpstream,
  RefreshedTokens,
  SaveOutcome,
  SessionRecord,
  SessionStore,
  SessionUpstream,
  Verdict,
} from '../../../src/core/types.ts';
import { type FakeClock, minutes, seconds } from '../../support/fake-clock.ts';
import { denied, ok, rejected, unauthorized } from '../../support/fake-upstream.ts';
import type { Callers } from './callers.ts';
import type { Network } from './network.ts';
import type { Person } from './person.ts';
import type { TokenFile } from './token-file.ts';
import type { Truth } from './truth.ts';

/** Where the daemon dies: at once, or as soon as it gets there. */
export const crashPoints = [
  ...(['at once', 'memo written', 'refresh sent', 'refresh answered', 'tokens stored', 'window opening'] as const),
];
export type CrashPoint = (typeof crashPoints)[number];

export interface Life {
  alive: boolean;
  /** Says that it got there; false when it has died of it, or before. */
  readonly survives: (point: CrashPoint) => boolean;
}

export interface Outside {
  readonly time: FakeClock;
  readonly truth: Truth;
  readonly network: Network;
  readonly person: Person;
  readonly callers: Callers;
  readonly store: TokenFile;
  readonly complain: (what: string) => void;
}

const never = <T>(): Promise<T> => new Promise(() => {});

export class Upstream {
  readonly #outside: Outside;
  readonly #life: Life;
  /** Refresh tokens whose successors have arrived here. */
  readonly #spent = new Set<string | null>();

  constructor(outside: Outside, life: Life) {
    this.#outside = outside;
    this.#life = life;
  }

  session(): SessionUpstream {
    const { network, truth, person } = this.#outside;
    return {
      refreshLeadMs: (lifetimeMs) => Math.min(minutes(30), lifetimeMs / 2),
      refresh: (record, signal) => this.#refresh(record, signal),
      probe: (record, signal) =>
        this.#alive(() =>
          network.call({
            ...{ key: 'probe', signal },
            serve: () => (truth.takesAccess(record) ? ok(undefined) : unauthorized),
          }),
        ),
      login: (request) => (this.#life.survives('window opening') ? person.see(request) : never()),
      trustMs: seconds(60),
      logoutIsLocal: false,
      logout: async () => ok(undefined),
    };
  }

  store(): SessionStore {
    const { store } = this.#outside;
    const alive = <T>(work: () => Promise<T>): Promise<T> => this.#alive(work);
    return {
      load: () => alive(store.load),
      save: (record, replaced) => (this.#life.survives('refresh answered') ? this.#save(record, replaced) : never()),
      remove: () => alive(store.remove),
      watch: (changed) => store.watch(() => (this.#life.alive ? changed() : undefined)),
    };
  }

  profile(name: string): LeaseUpstream {
    const exclusive = name === 'vault';
    const { network, truth } = this.#outside;
    return {
      renewal: exclusive ? 'exclusive' : 'overlap',
      prefetch: true,
      timeoutMs: null,
      acquire: (request) => this.#alive(() => this.#acquire(name, request)),
      release: ({ signal }) =>
        this.#alive(() =>
          network.call({
            ...{ key: `acquire ${name}`, signal },
            serve: () => {
              truth.checkIn(name);
              return ok(undefined);
            },
          }),
        ),
    };
  }

  async #save(record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> {
    const outcome = await this.#outside.store.save(record, replaced);
    return this.#life.survives('tokens stored') ? outcome : never();
  }

  async #refresh(record: SessionRecord, signal: AbortSignal): Promise<Verdict<RefreshedTokens>> {
    const { network, truth, time, complain } = this.#outside;
    if (!this.#life.alive) return never();
    if (this.#spent.has(record.refreshToken)) complain('a spent refresh token is sent again');
    const verdict = network.call<RefreshedTokens>({
      ...{ key: 'refresh', signal },
      serve: () => {
        const issued = truth.rotate(record);
        return issued ? ok({ record: issued, lifetimeMs: issued.expiresAt - time.now() }) : rejected;
      },
    });
    this.#life.survives('refresh sent');
    const answer = await verdict;
    if (answer.type === 'ok' && !signal.aborted) this.#spent.add(record.refreshToken);
    return this.#life.alive ? answer : never();
  }

  async #acquire(name: string, { record, signal }: AcquireRequest): Promise<Verdict<Credentials>> {
    const { network, truth, store, callers, complain } = this.#outside;
    const started = truth.tick();
    if (!record || !store.seen.has(record.accessToken)) complain('a token is used before it was stored');
    const verdict = await network.call<Credentials>({
      ...{ key: `acquire ${name}`, signal },
      serve: () => {
        if (!truth.takesAccess(record) || truth.refusing.has(name)) return unauthorized;
        return truth.denied.has(name) ? denied : ok(truth.checkOut(name, name === 'vault'));
      },
    });
    if (!this.#life.alive) return never();
    if (verdict.type === 'ok' && !signal.aborted) callers.give(name, verdict.value, started);
    return verdict;
  }

  #alive<T>(work: () => Promise<T>): Promise<T> {
    return this.#life.alive ? work() : never();
  }
}
