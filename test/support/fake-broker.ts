import type {
  AccessToken,
  BrokerApi,
  ErrandsApi,
  GetOptions,
  Issue,
  IssueOptions,
  LoginOptions,
  LogoutOptions,
  Served,
  TokenOptions,
} from '../../src/core/api.ts';
import { renderServed } from '../../src/core/documents.ts';
import { BrokerError } from '../../src/core/errors.ts';
import type { ExplainView } from '../../src/core/explain-view.ts';
import type { Settings } from '../../src/core/settings.ts';
import { type Credentials, type EpochMs, epoch } from '../../src/core/types.ts';
import type { CatalogueEntry, MatchView, ProfileView, SessionView } from '../../src/core/views.ts';

/** Found nowhere but in the documents: a scan for them proves that nothing else carries them. */
export const canaries = {
  accessKeyId: 'ASIACANARYACCESSKEY1',
  secretAccessKey: 'canary-secret-access-key',
  sessionToken: 'canary-session-token',
} as const;

const issuedAt: EpochMs = epoch(Date.parse('2026-11-21T09:00:00.000Z'));

export const credentials: Credentials = {
  ...canaries,
  expiresAt: epoch(issuedAt + 3_600_000),
  accountId: '123456789012',
  roleArn: null,
  transaction: null,
};

export const servedFor = (profile: string, keys: Credentials = credentials): Served =>
  renderServed(profile, 1, keys, issuedAt);

/** One caller that waits, for the test to answer. */
export interface Waiting extends GetOptions {
  readonly profile: string;
  readonly answer: (served: Served) => void;
  readonly refuse: (thrown: unknown) => void;
}

/** One login under way. */
export interface LoginUnderWay extends LoginOptions {
  readonly session: string;
  readonly finish: (expiresAt: EpochMs) => void;
  readonly refuse: (thrown: unknown) => void;
}

type Progress = (accounts: number, done: number) => void;

/** Answers as it is told and keeps what it was asked. Its profiles and sessions are plain data. */
export class FakeBroker implements BrokerApi {
  readonly warm = new Map<string, Served>();
  readonly known = new Set<string>();
  readonly waiting: Waiting[] = [];
  readonly logins: LoginUnderWay[] = [];
  readonly loggedOut: string[] = [];
  sessionViews: readonly SessionView[] = [];
  profileViews: readonly ProfileView[] = [];
  explanation: ExplainView | null = null;
  watchers = new Set<() => void>();
  peekThrows: unknown = null;
  checkedOut: ErrandsApi['checkouts'] = async () => [];
  readonly givenBack: Parameters<ErrandsApi['giveBack']>[] = [];
  readonly matches = new Map<string, MatchView>();
  catalogues: (session: string, progress: Progress) => Promise<readonly CatalogueEntry[]> = async () => [];
  readonly #settings: Settings;
  #sleepers: (() => void)[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  peek = (profile: string): Served | null => {
    if (this.peekThrows !== null) throw this.peekThrows;
    const served = this.warm.get(profile);
    if (served !== undefined) return served;
    if (this.known.has(profile)) return null;
    throw new BrokerError('ProfileNotFound', `No profile "${profile}". Run: credbroker profiles`);
  };

  get = (profile: string, options: GetOptions): Promise<Served> =>
    new Promise((answer, refuse) => {
      this.waiting.push({ profile, ...options, answer, refuse });
      this.#arrived();
    });

  readonly renewed: string[] = [];

  /** Asked for with `renew`, among `waiting`. */
  renew = (profile: string, options: GetOptions): Promise<Served> => {
    this.renewed.push(profile);
    return this.get(profile, options);
  };

  readonly checkedIn: string[] = [];

  gaveBack = true;

  checkin = async (profile: string): Promise<boolean> => {
    this.checkedIn.push(profile);
    return this.gaveBack;
  };

  login = async (session: string, options: LoginOptions): Promise<{ readonly expiresAt: EpochMs }> => {
    const expiresAt = await new Promise<EpochMs>((finish, refuse) => {
      this.logins.push({ session, ...options, finish, refuse });
      this.#arrived();
    });
    return { expiresAt };
  };

  /** What was asked for with `token`. */
  readonly tokensAsked: ({ readonly session: string } & TokenOptions)[] = [];
  /** What it answers, or how it fails. */
  accessToken: () => AccessToken = () => ({ accessToken: 'canary-access-token', expiresAt: credentials.expiresAt });

  token = async (session: string, options: TokenOptions): Promise<AccessToken> => {
    this.tokensAsked.push({ session, ...options });
    return this.accessToken();
  };

  upstreamTold = true;

  readonly revoked: string[] = [];

  logout = async (session: string, { revoke }: LogoutOptions = { revoke: false }): Promise<boolean> => {
    if (!this.sessionViews.some(({ name }) => name === session)) {
      throw new BrokerError('SessionNotFound', `There is no session "${session}"`);
    }
    this.loggedOut.push(session);
    if (revoke) this.revoked.push(session);
    return this.upstreamTold;
  };

  sessions = (): readonly SessionView[] => this.sessionViews;
  profiles = (): readonly ProfileView[] => this.profileViews;

  explain = (profile: string): ExplainView => {
    if (this.explanation?.profile === profile) return this.explanation;
    throw new BrokerError('ProfileNotFound', `No profile "${profile}". Run: credbroker profiles`);
  };

  /** What people ask for beside AWS credentials. */
  readonly issues: { readonly profile: string; readonly options: IssueOptions }[] = [];
  issued: Issue = { transaction: 't-1', expiresAt: null, document: {} };

  readonly errands: ErrandsApi = {
    issue: async (profile, options) => {
      this.issues.push({ profile, options });
      return this.issued;
    },
    catalogue: (session, progress) => this.catalogues(session, progress),
    checkouts: (session, signal) => this.checkedOut(session, signal),
    giveBack: async (...given) => void this.givenBack.push(given),
    match: async (name) => this.matches.get(name) ?? { exact: false, candidates: [] },
  };

  watch = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    this.#arrived();
    return () => {
      this.watchers.delete(changed);
      this.#arrived();
    };
  };

  settings = (): Settings => this.#settings;

  /** Resolves once this holds, looking again whenever the broker is asked for something. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => this.#sleepers.push(resolve));
    }
  }

  #arrived(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }
}
