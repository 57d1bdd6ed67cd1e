import { fetch } from 'undici';
import { expect, onTestFinished } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import { openLoopback } from '../../../src/adapters/loopback.ts';
import type { OidcSessionSettings } from '../../../src/core/settings.ts';
import type { LoginOutcome, LoginRequest, ServerMs, SessionRecord } from '../../../src/core/types.ts';
import { type Emulator, startEmulator } from '../../../src/emulator/index.ts';
import type { IssuerKnobs } from '../../../src/emulator/issuer/knobs.ts';
import type { Fetch } from '../../../src/providers/http.ts';
import { type OidcSession, oidc } from '../../../src/providers/oidc/index.ts';
import type { OidcDependencies } from '../../../src/providers/oidc/upstream.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { loginRequest, never } from '../../support/sso-world.ts';

/** The provider on its real adapters against the emulated issuer, in time that passes only while somebody waits for it. */
export class OidcWorld {
  readonly clock = new FakeClock();
  readonly emulator: Emulator;
  /** What was asked of the network, in order. */
  readonly asked: string[] = [];
  /** Stands in for the network while it is there. */
  network: Fetch | null = null;
  /** What the person's browser does with a page; false when there is none. */
  browse: (url: string) => Promise<unknown> | boolean = (url) => fetch(url).then((page) => page.text());
  readonly anchors: ServerMs[];
  readonly dependencies: OidcDependencies;
  readonly #provider: ReturnType<typeof oidc>;
  #inFlight = 0;
  #timers = 0;

  constructor(emulator: Emulator, clock: FakeClock, through: Fetch) {
    this.emulator = emulator;
    this.clock = clock;
    this.anchors = clock.anchors;
    this.dependencies = {
      fetch: (url, init) => this.#counted(() => this.#send(through, url, init)),
      clock,
      timers: { after: (ms, run) => this.#after(ms, run) },
      openLoopback,
      openBrowser: async (url) => {
        const visit = this.browse(url);
        if (typeof visit === 'boolean') return visit;
        this.#counted(() => visit).catch(() => {});
        return true;
      },
    };
    this.#provider = oidc(this.dependencies);
  }

  get issuer(): Emulator['issuer'] {
    return this.emulator.issuer;
  }

  session(overrides: Partial<OidcSessionSettings> = {}): OidcSession {
    return this.#provider.openSession(settingsFor(this.issuer.url, overrides));
  }

  /** Signs in as the person does, in the browser. */
  async signedIn(session: OidcSession, request: LoginRequest = loginRequest('browser')): Promise<SessionRecord> {
    return recordOf(await this.drive(session.login(request)));
  }

  /** The paths that were asked for since the last look. */
  paths(): readonly string[] {
    return this.asked.splice(0).map((url) => new URL(url).pathname.replace('/issuer', ''));
  }

  /** Lets everything happen that needs no time to pass. */
  async rest(): Promise<void> {
    await settled();
    while (this.#inFlight > 0) await settled();
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

  /** Reads the whole body: what is on its way has not arrived. */
  async #send(through: Fetch, url: string, init: Parameters<Fetch>[1]): ReturnType<Fetch> {
    this.asked.push(url);
    const { status, headers, body } = await (this.network ?? through)(url, init);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body ?? []) chunks.push(chunk);
    return {
      status,
      headers,
      body: (async function* () {
        yield* chunks;
      })(),
    };
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.#inFlight++;
    try {
      return await run();
    } finally {
      this.#inFlight--;
    }
  }

  #after(ms: number, run: () => void): () => void {
    let pending = true;
    this.#timers++;
    const settle = (): void => {
      if (pending) this.#timers--;
      pending = false;
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
}

export const openWorld = async (knobs: Partial<IssuerKnobs> = {}): Promise<OidcWorld> => {
  const clock = new FakeClock();
  const emulator = await startEmulator({ port: 0, now: clock.now, knobs: { autoApprove: true } });
  Object.assign(emulator.issuer.knobs, knobs);
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(async () => {
    await http.close();
    await emulator.close();
  });
  return new OidcWorld(emulator, clock, http.fetch);
};

const settingsFor = (issuer: string, overrides: Partial<OidcSessionSettings> = {}): OidcSessionSettings => ({
  provider: 'oidc',
  name: 'ngc',
  issuer,
  clientId: 'cli',
  clientSecret: null,
  scopes: ['openid', 'offline_access'],
  audience: null,
  flow: 'pkce',
  origin: { file: 'config', line: 1 },
  ...overrides,
});

export const recordOf = (outcome: LoginOutcome): SessionRecord =>
  outcome.type === 'ok' ? outcome.record : expect.unreachable(JSON.stringify(outcome));

/** Somebody who has signed in, and a world that has forgotten how. */
export const signedInWorld = async (knobs: Partial<IssuerKnobs> = {}, settings: Partial<OidcSessionSettings> = {}) => {
  const world = await openWorld(knobs);
  const session = world.session(settings);
  const record = await world.signedIn(session);
  world.paths();
  world.emulator.journal.clear();
  const refresh = (of: SessionRecord = record) => world.drive(session.refresh(of, never));
  const refreshed = async (of: SessionRecord = record): Promise<SessionRecord> => {
    const verdict = await refresh(of);
    return verdict.type === 'ok' ? verdict.value.record : expect.unreachable(JSON.stringify(verdict));
  };
  const probe = (of: SessionRecord | null = record) => world.drive(session.probe(of, never));
  return { world, session, record, refresh, refreshed, probe };
};

/** The form of a call in the journal. */
export const formsOf = (world: OidcWorld, operation: 'IssuerToken' | 'IssuerRevoke' | 'IssuerDeviceAuthorization') =>
  world.emulator.journal.calls(operation).map(({ request }) => Object.fromEntries(new URLSearchParams(request.body)));
