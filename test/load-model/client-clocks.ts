/**
 * When the credential caches inside the AWS SDKs ask again, and what a failure does to them: behavioural models of the
 * code read, not the SDKs. Times are milliseconds; all of them are counted from the expiry of the set that is held.
 */
import { defaults } from '../../config/defaults.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import { between, type Random } from './random.ts';

export interface Fetched {
  readonly at: number;
  readonly expiresAt: number;
  /** What the process's first set had left when it came. */
  readonly firstLeftMs: number;
}

/** How an SDK asks the container endpoint: how long it is held there, how often it tries, with which pause. */
export interface Patience {
  readonly holdMs: number;
  readonly attempts: number;
  readonly pauseMs: number;
}

export interface ClientClock {
  readonly name: string;
  readonly patience: Patience;
  readonly asksAt: (fetched: Fetched, random: Random) => number;
  /** With less than this left a failed fetch fails the request; minus infinity goes on with what there is, expired or not. */
  readonly raisesMs: number;
  /** How long it does not ask again after a failure. */
  readonly quietMs: (random: Random) => number;
}

const { hold } = defaults.refresh;
const patience = {
  botocore: { holdMs: hold.botocoreMs, attempts: 3, pauseMs: seconds(1) },
  js: { holdMs: hold.defaultMs, attempts: 4, pauseMs: seconds(1) },
  java: { holdMs: hold.defaultMs, attempts: 6, pauseMs: 0 },
  go: { holdMs: hold.goMs, attempts: 3, pauseMs: seconds(1) },
  rust: { holdMs: hold.rustRubyMs, attempts: 3, pauseMs: seconds(1) },
  ruby: { holdMs: hold.rustRubyMs, attempts: 6, pauseMs: 0 },
  once: { holdMs: hold.credentialProcessMs, attempts: 1, pauseMs: 0 },
  crt: { holdMs: hold.defaultMs, attempts: 1, pauseMs: 0 },
} as const satisfies Record<string, Patience>;

/** How a short process asks: the AWS CLI, which is botocore. */
export const shortProcess: Patience = patience.botocore;

/** The refresh window that the SDKs agreed on in 2026, from what a set has left when it comes. */
function tierMs(leftMs: number): number {
  if (leftMs <= minutes(20)) return minutes(5);
  return leftMs < minutes(90) ? minutes(15) : minutes(60);
}

const never = (): number => 0;
const fixed = (name: string, patience: Patience, windowMs: number, raisesMs = windowMs): ClientClock => ({
  ...{ name, patience, raisesMs, quietMs: never },
  asksAt: ({ expiresAt }) => expiresAt - windowMs,
});

/** One window by lifetime, one flight, and after a failure the old set for 5 to 10 minutes, even past its end. */
const contract2026 = (name: string, patience: Patience): ClientClock => ({
  ...{ name, patience, raisesMs: Number.NEGATIVE_INFINITY },
  asksAt: ({ at, expiresAt }) => expiresAt - tierMs(expiresAt - at),
  quietMs: (random) => between(random, seconds(300), seconds(600)),
});

const botocoreLegacy = fixed('botocore legacy', patience.botocore, minutes(15), minutes(10));
const js = fixed('JavaScript v3', patience.js, minutes(5));
const go2026 = contract2026('Go v2, Java v2, botocore of 2026', patience.go);

const javaLegacy: ClientClock = {
  ...{ name: 'Java v2 legacy', patience: patience.java, raisesMs: minutes(1), quietMs: never },
  asksAt: ({ at, expiresAt }, random) => {
    const earliest = Math.min(at + minutes(60), expiresAt - minutes(15));
    return between(random, earliest, Math.max(earliest, expiresAt - minutes(2)));
  },
};

/** Keeps the window of its first set for good, and raises. */
const botocoreProcess: ClientClock = {
  ...{ name: 'botocore of 2026, credential_process', patience: patience.once, raisesMs: minutes(1), quietMs: never },
  asksAt: ({ expiresAt, firstLeftMs }) => expiresAt - tierMs(firstLeftMs),
};

const rustLegacy: ClientClock = {
  ...{ name: 'Rust legacy', patience: patience.rust, raisesMs: seconds(10), quietMs: never },
  asksAt: ({ expiresAt }, random) => expiresAt - seconds(10) * between(random, 0.5, 1),
};

/** Forty per cent botocore, twenty each of the others. */
export const usualMix: readonly ClientClock[] = [botocoreLegacy, js, botocoreLegacy, go2026, javaLegacy];

export const everyClock: readonly ClientClock[] = [
  botocoreLegacy,
  go2026,
  botocoreProcess,
  javaLegacy,
  fixed('Java v2, credential_process', patience.once, seconds(15), 0),
  fixed('Go v2, credential_process', patience.once, 0),
  rustLegacy,
  contract2026('Rust of 2026', patience.rust),
  js,
  fixed('Ruby', patience.ruby, minutes(5)),
  fixed('CRT (C, C++, Swift)', patience.crt, minutes(5)),
];
