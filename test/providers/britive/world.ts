import { expect, onTestFinished } from 'vitest';
import { britive } from '../../../src/providers/britive/index.ts';
import { namesKey } from '../../../src/providers/britive/names.ts';
import { parseListing } from '../../../src/providers/britive/shapes.ts';
import type {
  AcquireRequest,
  Answers,
  BritiveDependencies,
  BritiveProfileSettings,
  BritiveSessionSettings,
  ProgressEvent,
  SessionRecord,
  Verdict,
  Wish,
} from '../../../src/providers/britive/types.ts';
import { epoch } from '../../../src/providers/britive/types.ts';
import { type FakeClock, hours } from '../../support/fake-clock.ts';
import { never, SsoWorld } from '../../support/sso-world.ts';

export const origin = 'https://acme.britive-app.com';
const place = { file: 'config', line: 1 };

export const session = (overrides: Partial<BritiveSessionSettings> = {}): BritiveSessionSettings => ({
  provider: 'britive',
  name: 'acme',
  tenant: 'acme',
  baseUrl: origin,
  idp: null,
  federation: null,
  idleCheckinMs: null,
  origin: place,
  ...overrides,
});

export const profile = (overrides: Partial<BritiveProfileSettings> = {}): BritiveProfileSettings => ({
  kind: 'britive',
  name: 'prod',
  session: 'acme',
  application: 'Prod Cloud',
  environment: 'Blue',
  access: 'Read Only',
  offer: null,
  implied: false,
  region: null,
  description: null,
  origin: place,
  ...overrides,
});

export const record = (clock: FakeClock, overrides: Partial<SessionRecord> = {}): SessionRecord => ({
  accessToken: 'jwt-1',
  expiresAt: epoch(clock.now() + hours(8)),
  refreshToken: null,
  client: null,
  region: null,
  tokenType: 'Bearer',
  idToken: null,
  ...overrides,
});

/** Shape B: one AWS profile in two environments, and one profile of each other kind. */
export const listing = {
  count: 5,
  accesses: [
    { appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-1' },
    { appContainerId: 'app-1', environmentId: '310987654321', papId: 'pap-1' },
    { appContainerId: 'app-2', environmentId: 'env-az', papId: 'pap-az' },
    { appContainerId: 'app-3', environmentId: 'env-gcp', papId: 'pap-gcp' },
    { appContainerId: 'app-4', environmentId: 'env-x', papId: 'pap-x' },
  ],
  apps: [
    { appContainerId: 'app-1', catalogAppDisplayName: 'Prod Cloud', catalogAppName: 'AWS' },
    { appContainerId: 'app-2', catalogAppDisplayName: 'Azure', catalogAppName: 'Azure' },
    { appContainerId: 'app-3', catalogAppDisplayName: 'GCP', catalogAppName: 'GCP' },
    { appContainerId: 'app-4', catalogAppDisplayName: 'Snow', catalogAppName: 'Snowflake' },
  ],
  environments: [
    { environmentId: '210987654321', environmentName: '210987654321 (Blue)', alternateEnvironmentName: 'Blue' },
    { environmentId: '310987654321', environmentName: '310987654321 (Green)', alternateEnvironmentName: 'Green' },
    { environmentId: 'env-az', environmentName: 'Sub' },
    { environmentId: 'env-gcp', environmentName: 'Project' },
    { environmentId: 'env-x', environmentName: 'Lake' },
  ],
  profiles: [
    { papId: 'pap-1', papName: 'Read Only' },
    { papId: 'pap-az', papName: 'Reader' },
    { papId: 'pap-gcp', papName: 'Viewer' },
    { papId: 'pap-x', papName: 'Analyst' },
  ],
};

export const target = '/api/access/pap-1/environments/210987654321';

export const keys = (expirationTime: string | undefined = '2026-11-21T13:00:00Z') => ({
  accessKeyID: 'ASIAEXAMPLEONLY00001',
  secretAccessKey: 'invented',
  sessionToken: 'invented too',
  expirationTime,
});

export interface Answer {
  readonly status?: number;
  readonly body?: object | string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A tenant as the provider meets it: every answer is prepared, and every prepared answer asked for. */
export class BritiveWorld extends SsoWorld {
  readonly variables = new Map<string, string>();
  readonly files = new Map<string, string>();
  readonly saved: unknown[] = [];
  /** What `load` brings; a catalogue read long enough ago to be doubted, and recently enough to be used. */
  stored: unknown = this.catalogue();

  /** As kept of the names that were given. */
  names: unknown = null;

  /** What a browser that opens does before anything else happens. */
  visitPage: (url: string) => Promise<void> = async () => {};
  onLoad: (key: string) => void = () => {};

  /** Calls that nobody prepared an answer for. A provider would take them for a network that fails. */
  readonly #unexpected: string[] = [];

  readonly britiveDependencies: BritiveDependencies = {
    ...this.dependencies,
    fetch: async (url, init) => {
      try {
        return await this.fetch(url, init);
      } catch (cause) {
        if (String((cause as Error).cause).includes('MockNotMatched')) this.#unexpected.push(`${init.method} ${url}`);
        throw cause;
      }
    },
    random: () => 0.5,
    openBrowser: async (url) => {
      await this.visitPage(url);
      return this.browse(url);
    },
    catalogues: {
      load: (key) => {
        if (key === namesKey) return this.names;
        this.onLoad(key);
        return this.stored;
      },
      save: async (key, catalogue) => {
        if (key === namesKey) this.names = catalogue;
        else this.saved.push(catalogue);
      },
    },
    variable: (name) => this.variables.get(name) ?? null,
    readText: async (path) => this.files.get(path) ?? null,
  };

  readonly britive = britive(this.britiveDependencies);

  constructor() {
    super();
    onTestFinished(() => expect(this.#unexpected).toEqual([]));
  }

  catalogue(body: unknown = listing, ageMs = hours(1)) {
    return { entries: parseListing(body)?.entries, aliases: {}, readAt: this.clock.now() - ageMs };
  }

  /** Prepares one answer; later ones of the same call come after it. */
  on(method: string, path: string, { status = 200, body = {}, headers = {} }: Answer = {}): this {
    const text = body === null ? '' : body;
    this.agent.get(origin).intercept({ method, path }).reply(status, text, { headers });
    return this;
  }

  fails(method: string, path: string, code: string, syscall = 'read'): this {
    const error = Object.assign(new Error('failed'), { code, syscall });
    this.agent.get(origin).intercept({ method, path }).replyWithError(error);
    return this;
  }

  /** The next answers of the status list. */
  lists(...answers: readonly (readonly object[])[]): this {
    for (const body of answers) this.on('GET', '/api/access/app-access-status', { body });
    return this;
  }

  posts(answer: Answer = {}, path = target): this {
    return this.on('POST', `${path}?accessType=PROGRAMMATIC`, { body: this.row(), ...answer });
  }

  refuses(status: number, errorCode: string | null, message = 'words of the tenant'): this {
    return this.posts({ status, body: { status, message, ...(errorCode !== null && { errorCode }) } });
  }

  tokens(answer: Answer = {}, transaction = 'txn-1'): this {
    return this.on('GET', `/api/access/${transaction}/tokens`, { body: keys(), ...answer });
  }

  row(overrides: object = {}): object {
    return {
      transactionId: 'txn-1',
      papId: 'pap-1',
      environmentId: '210987654321',
      accessType: 'PROGRAMMATIC',
      status: 'checkedOut',
      checkedOut: '2026-11-21T09:00:00Z',
      checkedIn: null,
      expiration: '2026-11-21T13:00:00Z',
      currentExtensionIndex: 0,
      errorMessage: null,
      ...overrides,
    };
  }

  request(overrides: Partial<AcquireRequest> = {}): AcquireRequest {
    return { record: record(this.clock), source: null, checkout: null, wish: null, signal: never, ...overrides };
  }

  acquire(overrides: Partial<AcquireRequest> = {}, settings = profile()) {
    return this.drive(this.britive.openProfile(settings, session()).acquire(this.request(overrides)));
  }

  /** `GET path`, in the order sent. */
  calls(): readonly string[] {
    return this.sent.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
  }

  count(call: string): number {
    return this.calls().filter((one) => one.startsWith(call)).length;
  }
}

export interface RecordedWish extends Wish {
  readonly events: readonly ProgressEvent[];
}

export const wish = (
  answers: Partial<Answers> & { readonly force?: boolean } = {},
  seen: (event: ProgressEvent) => void = () => {},
): RecordedWish => {
  const events: ProgressEvent[] = [];
  const { force = false, ...given } = answers;
  return {
    force,
    answers: { justification: null, ticketType: null, ticketId: null, otp: null, ...given },
    progress: (event) => {
      events.push(event);
      seen(event);
    },
    events,
  };
};

export const named = ({ events }: RecordedWish): readonly string[] => events.map(({ event }) => event);

export const okOf = <T>(verdict: Verdict<T>): T =>
  verdict.type === 'ok' ? verdict.value : expect.unreachable(JSON.stringify(verdict));
