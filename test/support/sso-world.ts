import { fetch, MockAgent } from 'undici';
import { onTestFinished } from 'vitest';
import type { SsoSessionSettings } from '../../src/core/settings.ts';
import {
  type ClientRegistration,
  epoch,
  type LoginFlow,
  type LoginPrompt,
  type LoginRequest,
  type SessionRecord,
} from '../../src/core/types.ts';
import { awsSso } from '../../src/providers/aws-sso/index.ts';
import type { Fetch } from '../../src/providers/http.ts';
import type { LoopbackPage, ProviderDependencies } from '../../src/providers/provider.ts';
import { FakeClock, hours, settled } from './fake-clock.ts';

export const oidcOrigin = 'https://oidc.us-east-1.amazonaws.com';
export const portalOrigin = 'https://portal.sso.us-east-1.amazonaws.com';

export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed, null for none. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly at: number;
}

/** Identity Center as a provider meets it, every answer prepared and every prepared answer asked for. */
export class SsoWorld {
  readonly clock = new FakeClock();
  readonly agent = new MockAgent();
  readonly sent: Sent[] = [];
  readonly registrations = new Map<string, ClientRegistration>();
  /** What the next browser does with the URL; false when there is none. */
  browse: (url: string) => boolean = () => false;
  /** Stands in for the listener: visits it the way a browser would. Null when nobody listens. */
  visit: ((url: string) => LoopbackPage) | null = null;
  #inFlight = 0;
  #timers = 0;

  constructor() {
    this.agent.disableNetConnect();
    onTestFinished(async () => {
      this.agent.assertNoPendingInterceptors();
      await this.agent.close();
    });
  }

  readonly fetch: Fetch = async (url, init) => {
    this.sent.push({
      method: init.method,
      url: new URL(url),
      headers: init.headers,
      body: init.body === null ? null : JSON.parse(init.body),
      at: this.clock.now(),
    });
    this.#inFlight++;
    try {
      const { status, headers, body } = await fetch(url, { ...init, dispatcher: this.agent });
      if (body !== null) return { status, headers, body: this.#counted(body) };
      this.#inFlight--;
      return { status, headers, body };
    } catch (cause) {
      this.#inFlight--;
      throw cause;
    }
  };

  readonly dependencies: ProviderDependencies = {
    fetch: this.fetch,
    clock: this.clock,
    timers: { after: (ms, run) => this.#after(ms, run) },
    openLoopback: async (answer) => {
      this.visit = (url) => answer(new URL(url));
      return {
        port: 49_152,
        close: async () => {
          this.visit = null;
        },
      };
    },
    openBrowser: async (url) => this.browse(url),
    registrations: {
      load: async (key) => this.registrations.get(key) ?? null,
      save: async (key, registration) => {
        if (registration) this.registrations.set(key, registration);
        else this.registrations.delete(key);
      },
    },
  };

  readonly provider = awsSso(this.dependencies);

  session(overrides: Partial<SsoSessionSettings> = {}) {
    return this.provider.openSession(sessionSettings(overrides));
  }

  /** Prepares one answer of the token service. */
  oidc(path: string, status: number, body: object, origin = oidcOrigin): void {
    this.agent.get(origin).intercept({ method: 'POST', path }).reply(status, body);
  }

  /** Prepares a refusal as AWS sends it. */
  oidcError(path: string, name: string, extra: object = {}): void {
    const status = name === 'InvalidClientException' ? 401 : 400;
    const headers = { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/` };
    const body = { error_description: 'words that nobody must see', ...extra };
    this.agent.get(oidcOrigin).intercept({ method: 'POST', path }).reply(status, body, { headers });
  }

  portal(path: string, status: number, body: object): void {
    this.agent.get(portalOrigin).intercept({ method: 'GET', path }).reply(status, body);
  }

  sentTo(path: string): readonly Sent[] {
    return this.sent.filter(({ url }) => url.pathname === path);
  }

  /** Lets time pass, while somebody waits for it and nothing is on the wire, until the promise settles. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const watched = promise.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    while (!done) {
      await settled();
      if (!done && this.#inFlight === 0 && this.#timers > 0) this.clock.advance(50);
    }
    return watched;
  }

  #after(ms: number, run: () => void): () => void {
    const pending = { is: true };
    this.#timers++;
    const settle = (): void => {
      if (pending.is) this.#timers--;
      pending.is = false;
    };
    const cancel = this.clock.after(ms, () => {
      settle();
      run();
    });
    return () => {
      settle();
      cancel();
    };
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } finally {
      this.#inFlight--;
    }
  }
}

export const sessionSettings = (overrides: Partial<SsoSessionSettings> = {}): SsoSessionSettings => ({
  provider: 'aws-sso',
  name: 'work',
  startUrl: 'https://example.awsapps.com/start',
  region: 'us-east-1',
  scopes: ['sso:account:access'],
  cacheKey: 'work',
  tokenCache: 'shared',
  oidcEndpoint: null,
  portalEndpoint: null,
  origin: { file: 'config', line: 1 },
  ...overrides,
});

export const sessionRecord = (clock: FakeClock, overrides: Partial<SessionRecord> = {}): SessionRecord => ({
  accessToken: 'at-0',
  expiresAt: epoch(clock.now() + hours(1)),
  refreshToken: 'rt-0',
  client: { clientId: 'client', clientSecret: 'secret', expiresAt: epoch(clock.now() + hours(24 * 80)) },
  region: 'us-east-1',
  tokenType: null,
  idToken: null,
  ...overrides,
});

export const registered = (clock: FakeClock, clientId = 'client-1') => ({
  clientId,
  clientSecret: `${clientId}-secret`,
  clientIdIssuedAt: Math.floor(clock.now() / 1000),
  clientSecretExpiresAt: Math.floor((clock.now() + hours(24 * 90)) / 1000),
});

export const issued = (n: number, extra: object = {}) => ({
  accessToken: `at-${n}`,
  tokenType: 'Bearer',
  idToken: null,
  expiresIn: 3600,
  refreshToken: `rt-${n}`,
  ...extra,
});

export interface RecordedLogin extends LoginRequest {
  readonly prompts: readonly LoginPrompt[];
  readonly abort: (reason?: unknown) => void;
}

export const loginRequest = (flow: LoginFlow, onPrompt: (prompt: LoginPrompt) => void = () => {}): RecordedLogin => {
  const controller = new AbortController();
  const prompts: LoginPrompt[] = [];
  return {
    flow,
    openBrowser: true,
    token: null,
    prompts,
    prompt: (prompt) => {
      prompts.push(prompt);
      onPrompt(prompt);
    },
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
  };
};

export const never = new AbortController().signal;
