/** What kind of world a seed is: drawn once, so that some worlds have no rotation, some no leeway, some nothing but storms. */
import type { Renewal } from '../../src/core/types.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import type { Dice } from './dice.ts';

export interface ProfileScenario {
  readonly name: string;
  readonly site: string;
  readonly renewal: Renewal;
  readonly lifeMs: number;
  /** Upstream answers with the set it has already handed out while half of its life is left. */
  readonly cachedUpstream: boolean;
}

export interface SiteScenario {
  readonly name: string;
  readonly refreshes: boolean;
  /** Every refresh spends the refresh token and brings another. */
  readonly rotates: boolean;
  /** A spent refresh token is taken again for so long; after that its family dies. Zero is legal. */
  readonly leewayMs: number;
  /** Access tokens prove themselves: they live to their end whatever becomes of their sign-in. */
  readonly selfContained: boolean;
  readonly tokenLifeMs: number;
  readonly signInLifeMs: number;
  /** A store that answers at once, or a keychain that takes its time. */
  readonly storeDelayMs: number;
}

export interface PersonScenario {
  readonly knowsPresence: boolean;
  readonly awayShare: number;
  /** How likely it is that they sign in before they are asked. */
  readonly diligence: number;
  readonly answers: { readonly finished: number; readonly declined: number };
  readonly manual: boolean;
  readonly mayOpenBrowser: boolean;
}

export interface Scenario {
  readonly sites: readonly SiteScenario[];
  readonly profiles: readonly ProfileScenario[];
  readonly person: PersonScenario;
  readonly latencyMs: number;
  /** Shares of calls that go wrong by themselves, without an outage. */
  readonly slowShare: number;
  readonly lostShare: number;
  readonly failedShare: number;
  readonly chaosEveryMs: number;
  readonly budget: { readonly perSecond: number; readonly burst: number };
}

export function drawScenario(dice: Dice): Scenario {
  const size = dice.next();
  const [alone, crowd] = [size < 0.12, size > 0.94];
  const vault = !alone && dice.chance(0.35);
  return {
    sites: [drawWork(dice), ...(vault ? [drawVault(dice)] : [])],
    profiles: alone ? [drawOnly(dice)] : [...drawProfiles(dice, vault), ...(crowd ? drawCrowd(dice) : [])],
    person: drawPerson(dice),
    latencyMs: dice.pick([50, 300, 1_500]),
    slowShare: dice.pick([0, 0.02, 0.08]),
    lostShare: dice.pick([0, 0.03, 0.1]),
    failedShare: dice.pick([0, 0.02, 0.08]),
    chaosEveryMs: dice.pick([minutes(3), minutes(8), minutes(20), hours(1)]),
    budget: crowd
      ? dice.pick([
          { perSecond: 0.5, burst: 3 },
          { perSecond: 5, burst: 10 },
        ])
      : { perSecond: 5, burst: 10 },
  };
}

function drawWork(dice: Dice): SiteScenario {
  return {
    name: 'work',
    refreshes: dice.chance(0.88),
    rotates: dice.chance(0.85),
    selfContained: dice.chance(0.4),
    leewayMs: dice.pick([0, seconds(10), seconds(30)]),
    tokenLifeMs: dice.pick([minutes(10), hours(1), hours(1), hours(8)]),
    signInLifeMs: dice.pick([minutes(50), hours(3), hours(8), hours(90 * 24)]),
    storeDelayMs: dice.pick([0, 5, 300]),
  };
}

/** Its sign-ins last as long as their one token. */
function drawVault(dice: Dice): SiteScenario {
  const lifeMs = dice.pick([minutes(40), hours(2), hours(10)]);
  const fixed = { name: 'vault', refreshes: false, rotates: false, selfContained: false, leewayMs: 0 };
  return { ...fixed, tokenLifeMs: lifeMs, signInLifeMs: lifeMs, storeDelayMs: dice.pick([0, 300]) };
}

/** Nobody else can lead to what this one profile has to lead to by itself. */
const drawOnly = (dice: Dice): ProfileScenario => ({
  ...{ name: 'dev', site: 'work', renewal: 'overlap', cachedUpstream: false },
  lifeMs: dice.pick([hours(1), hours(4)]),
});

function drawProfiles(dice: Dice, vault: boolean): readonly ProfileScenario[] {
  const lifeMs = (): number => dice.pick([minutes(15), hours(1), hours(1), hours(4), hours(12)]);
  const overlap = (name: string, site = 'work'): ProfileScenario => {
    return { name, site, renewal: 'overlap', lifeMs: lifeMs(), cachedUpstream: dice.chance(0.1) };
  };
  const counted = (name: string, renewal: Renewal): ProfileScenario => {
    return { name, site: vault ? 'vault' : 'work', renewal, lifeMs: lifeMs(), cachedUpstream: false };
  };
  const shared = vault || dice.chance(0.25) ? [counted('shared', 'exclusive')] : [];
  const admin = vault || dice.chance(0.15) ? [counted('admin', 'extend')] : [];
  const report = vault ? [overlap('report', 'vault')] : [];
  return [overlap('dev'), overlap('prod'), ...report, ...shared, ...admin];
}

/** Many profiles of one upstream, so that its budget is felt. */
function drawCrowd(dice: Dice): readonly ProfileScenario[] {
  const lifeMs = dice.pick([minutes(15), hours(1)]);
  const one = { site: 'work', renewal: 'overlap', lifeMs, cachedUpstream: false } as const;
  return Array.from({ length: 18 }, (_, index) => ({ ...one, name: `crowd-${index}` }));
}

function drawPerson(dice: Dice): PersonScenario {
  return {
    knowsPresence: dice.chance(0.7),
    awayShare: dice.pick([0, 0.3, 0.9]),
    diligence: 0.4,
    answers: dice.pick([
      { finished: 0.8, declined: 0.1 },
      { finished: 0.1, declined: 0.1 },
      { finished: 0.3, declined: 0.5 },
    ]),
    manual: dice.chance(0.1),
    mayOpenBrowser: dice.chance(0.95),
  };
}
