import { fetch } from 'undici';
import { expect, onTestFinished } from 'vitest';
import { splitPath } from '../../../src/core/britive-path.ts';
import { type Emulator, startEmulator } from '../../../src/emulator/index.ts';
import type {
  AcquireRequest,
  BritiveProfileSettings,
  LoginOutcome,
  SessionRecord,
} from '../../../src/providers/britive/types.ts';
import { loginRequest, never } from '../../support/sso-world.ts';
import { BritiveWorld, profile, session, wish } from './world.ts';

/** The provider against the emulated tenant, over the network. */
export const open = async () => {
  const world = new BritiveWorld();
  world.stored = null;
  const emulator = await startEmulator({ port: 0, now: world.clock.now, knobs: { autoApprove: true } });
  onTestFinished(() => emulator.close());
  world.agent.enableNetConnect(/^127\.0\.0\.1:/);
  const settings = session({ baseUrl: emulator.britive.url });
  world.visitPage = async (url) => {
    await (await fetch(url)).text();
  };
  return { world, emulator, settings, tenant: emulator.britive };
};

export type Opened = Awaited<ReturnType<typeof open>>;

export const login = ({ world, settings }: Opened, token: string | null = null): Promise<LoginOutcome> =>
  world.drive(world.britive.openSession(settings).login({ ...loginRequest('browser'), token }));

export const signedIn = async (opened: Opened, token: string | null = null): Promise<SessionRecord> => {
  const outcome = await login(opened, token);
  return outcome.type === 'ok' ? outcome.record : expect.unreachable(JSON.stringify(outcome));
};

export const at = (path: string): BritiveProfileSettings => {
  const [application, environment, access] = splitPath(path) ?? expect.unreachable();
  return profile({ application, environment, access });
};

/** One profile, opened and asked as often as one likes. */
export const profileAt = ({ world, settings }: Opened, path: string, record: SessionRecord) => {
  const opened = world.britive.openProfile(at(path), settings);
  const request = (overrides: Partial<AcquireRequest>) => ({
    record,
    source: null,
    checkout: null,
    wish: null,
    signal: never,
    ...overrides,
  });
  return {
    acquire: (overrides: Partial<AcquireRequest> = {}) => world.drive(opened.acquire(request(overrides))),
    issue: (overrides: Partial<AcquireRequest> = {}) =>
      world.drive(opened.issue(request({ wish: wish(), ...overrides }))),
    openConsole: () => world.drive(opened.openConsole(request({ wish: wish() }))),
    release: (transaction: string) =>
      world.drive(opened.release({ record, checkout: { transaction, expiresAt: world.clock.now() }, signal: never })),
  };
};

export const count = (emulator: Emulator, operation: string): number =>
  emulator.journal.entries.filter((entry) => entry.operation === operation).length;
