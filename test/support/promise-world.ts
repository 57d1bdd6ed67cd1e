/** What bctl's own page on sessions shows: a tenant, the profile `aws-admin-prod`, and a person at a terminal. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fileKey } from '../../src/adapters/secret-store/file-key.ts';
import { importFileKey, open } from '../../src/adapters/secret-store/jwe.ts';
import { step } from '../../src/emulator/britive/default-catalogue.ts';
import { credbroker } from './built.ts';
import type { Live } from './live.ts';
import { browser, logInTo, tenantWorld } from './tenant-live.ts';
import { Terminal } from './terminal.ts';

export const promised = 'aws-admin-prod';

/** Printed where a sign-in has run out, and never else. */
export const announcement = 'Session expired -- re-authenticating...\n';

/** Nobody has signed in. */
export async function newMachine(): Promise<Live> {
  const world = await tenantWorld();
  appendFileSync(
    world.configFile,
    `  ${promised}: { session: acme, profile: Cloud/Development/Build, region: eu-central-1 }\n`,
  );
  expect(await world.client.reload()).toEqual([]);
  // Real tenants take seconds over it.
  world.emulator.britive.people.changeProfile('Build', {
    checkout: [step('checkedOut')],
    checkin: [step('checkedIn')],
  });
  return world;
}

export async function promisedWorld(): Promise<Live> {
  const world = await newMachine();
  await logInTo(world);
  return world;
}

/** One whose token has come to its end. */
export async function expiredWorld(): Promise<Live> {
  const world = await newMachine();
  const { knobs } = world.emulator.britive;
  const { sessionLifeMs } = knobs;
  // So near to its end that nothing is sent with it any more.
  knobs.sessionLifeMs = 20_000;
  await logInTo(world);
  knobs.sessionLifeMs = sessionLifeMs;
  return world;
}

export interface Typed {
  readonly status: number | null;
  readonly screen: string;
  /** How many sign-in pages it opened. */
  readonly pages: number;
  /** How many calls it cost the tenant. */
  readonly calls: number;
}

/** A command that a person types, whose browser is signed in at the tenant. */
export async function typed(world: Live, words: readonly string[]): Promise<Typed> {
  const [pages, calls] = [loginPages(world), world.emulator.journal.entries.length];
  const { status, screen } = await new Terminal([...credbroker(), ...words], {
    ...world.env,
    BROWSER: browser(world),
  }).ended;
  return { status, screen, pages: loginPages(world) - pages, calls: world.emulator.journal.entries.length - calls };
}

/** The page itself; what it leads to is another path. */
const loginPages = ({ emulator }: Live): number =>
  emulator.journal.calls('BritiveLoginPage').filter(({ request }) => request.path === '/login').length;

/** Everything that the secret store holds, by name. */
export async function storedSecrets({ home }: Live): Promise<ReadonlyMap<string, string>> {
  const state = join(home, 'state');
  const read = await fileKey(state).read();
  const key = await importFileKey(read.type === 'value' ? read.key : expect.unreachable(read.type));
  const opened = await open(key, readFileSync(join(state, 'sessions.jwe'), 'latin1'));
  return opened.type === 'values' ? opened.values : expect.unreachable(opened.type);
}

/** Null where there is none. */
export async function storedSession(world: Live) {
  const stored = (await storedSecrets(world)).get('session:acme');
  return stored === undefined ? null : JSON.parse(stored);
}

export const stateFile = ({ home }: Live): string => join(home, 'state', 'checkouts', `${promised}.json`);

/** Null where there is none. */
export const stateOf = (world: Live) =>
  existsSync(stateFile(world)) ? JSON.parse(readFileSync(stateFile(world), 'utf8')) : null;

export const credentialsOf = ({ home }: Live): string => readFileSync(join(home, '.aws', 'credentials'), 'utf8');
