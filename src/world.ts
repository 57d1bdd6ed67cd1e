/** The pieces of the outside world that one state directory holds, opened once for the daemon. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type StatePaths, statePaths } from '../config/paths.ts';
import packageJson from '../package.json' with { type: 'json' };
import { grantSecrets } from '../routes/tokens.ts';
import { systemClock, systemTimers } from './adapters/clock.ts';
import { logFile, openLog } from './adapters/log.ts';
import { ensurePrivateDirectory } from './adapters/private-directory.ts';
import {
  openSecretStore,
  parseRecordedBackend,
  parseWish,
  systemKeychain,
} from './adapters/secret-store/open-secret-store.ts';
import type { SecretStore } from './adapters/secret-store/secret-store.ts';
import { JsonStateFile } from './adapters/state-file.ts';
import { parseParts, StateParts } from './adapters/state-parts.ts';
import { parseCheckout } from './core/checkout.ts';
import { Grants, type GrantsRecord } from './core/grants.ts';
import { parseGrants } from './core/grants-record.ts';
import { Kept, parseKept } from './core/kept.ts';
import type { Clock, Log, Timers } from './core/ports.ts';
import { parseMemo, type SessionMemo } from './core/session-memo.ts';
import type { Checkout } from './core/types.ts';

export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly version: string;
  readonly paths: StatePaths;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly state: StateParts;
  readonly secrets: SecretStore;
  readonly memos: Kept<SessionMemo>;
  readonly checkouts: Kept<Checkout>;
  /** What Britive's tenants offer, kept for a day. */
  /** In which region each `aws login` was last renewed. */
  readonly loginRegions: Kept<string>;
  readonly catalogues: Kept<unknown>;
  readonly grants: Grants;
  /** Drawn once for this installation. */
  readonly seed: string;
}

export function openWorld(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): World {
  const paths = statePaths(env, platform);
  const { directory } = paths;
  ensurePrivateDirectory(directory);
  const log = openLog(logFile(paths.log), 'info');
  const clock = systemClock();
  const file = <T>(name: string, parse: (value: unknown) => T): JsonStateFile<T> =>
    new JsonStateFile({ path: join(directory, name), version: 1, parse, clock, log });
  const state = new StateParts(file('state.json', parseParts));
  return {
    env,
    platform,
    version: packageJson.version,
    paths,
    clock,
    timers: systemTimers(),
    log,
    state,
    secrets: openSecrets({ env, directory, state, clock, log }),
    memos: new Kept(state.part('sessions', parseKept(parseMemo))),
    checkouts: new Kept(state.part('checkouts', parseKept(parseCheckout))),
    loginRegions: new Kept(state.part('login-regions', parseKept(String))),
    catalogues: new Kept(file('catalogues.json', parseKept(asIs))),
    grants: openGrants(clock, file('grants.json', parseGrants)),
    seed: seedIn(state),
  };
}

/** Their provider parses them. */
const asIs = (value: unknown): unknown => value;

interface Surroundings extends Pick<World, 'env' | 'state' | 'clock' | 'log'> {
  readonly directory: string;
}

function openSecrets({ env, directory, state, clock, log }: Surroundings): SecretStore {
  const entryFile = process.argv[1] ?? process.execPath;
  return openSecretStore({
    directory,
    wish: parseWish(env),
    recorded: state.part('storage', parseRecordedBackend),
    keychain: systemKeychain({ directory, env, entryFile, clock }),
    clock,
    log,
  });
}

/** A grant is handed out only when it is on disk. */
function openGrants(clock: Clock, file: JsonStateFile<GrantsRecord>): Grants {
  const durable = { load: () => file.load(), save: (value: GrantsRecord) => file.saveOrThrow(value) };
  return new Grants({ clock, file: durable, secrets: grantSecrets });
}

function seedIn(state: StateParts): string {
  const part = state.part('seed', String);
  const known = part.load();
  if (known !== null) return known;
  const seed = randomBytes(8).toString('hex');
  part.save(seed);
  return seed;
}
