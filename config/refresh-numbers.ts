/** The numbers under `refresh:`, laid over the defaults. */
import type { Diagnostic, ProfileSettings, RefreshNumbers } from '../src/core/settings.ts';
import type { ConfigFile } from './config-yaml.ts';
import { defaults } from './defaults.ts';
import type { DurationYaml, RefreshYaml } from './schema.ts';

export const refreshNumbers = (yaml: RefreshYaml): RefreshNumbers => {
  const usual = defaults.refresh;
  return {
    lead: yaml.lead?.map(leadOf).toSorted((one, other) => one.upToMs - other.upToMs) ?? usual.lead,
    softMs: duration(yaml.soft, usual.softMs),
    floorMs: duration(yaml.floor, usual.floorMs),
    exclusiveFloorMs: duration(yaml.exclusiveFloor, usual.exclusiveFloorMs),
    retry: retryOf(yaml.retry ?? {}, usual.retry),
    emptyRetry: {
      ...retryOf(yaml.emptyRetry ?? {}, usual.emptyRetry),
      thenMs: duration(yaml.emptyRetry?.then, usual.emptyRetry.thenMs),
    },
    circuit: {
      ...retryOf(yaml.circuit ?? {}, usual.circuit),
      failures: yaml.circuit?.failures ?? usual.circuit.failures,
    },
    budget: { ...usual.budget, ...yaml.budget },
    retryAfterCapMs: duration(yaml.retryAfterCap, usual.retryAfterCapMs),
    denied: retryOf(yaml.denied ?? {}, usual.denied),
    acquireTimeoutMs: duration(yaml.acquireTimeout, usual.acquireTimeoutMs),
    refreshTimeoutMs: duration(yaml.refreshTimeout, usual.refreshTimeoutMs),
    loginTimeoutMs: duration(yaml.loginTimeout, usual.loginTimeoutMs),
    minRenewalGapMs: duration(yaml.minRenewalGap, usual.minRenewalGapMs),
    maxWaiters: yaml.maxWaiters ?? usual.maxWaiters,
    hold: holdOf(yaml.hold ?? {}),
    login: loginOf(yaml.login ?? {}),
    keepAliveMs: duration(yaml.keepAlive, usual.keepAliveMs),
    wakeSpreadMs: duration(yaml.wakeSpread, usual.wakeSpreadMs),
  };
};

/** What no single key can be blamed for: numbers that contradict each other. */
export const refreshContradictions = (numbers: RefreshNumbers, file: ConfigFile): readonly Diagnostic[] => {
  const faults: Diagnostic[] = [];
  const fault = (key: string, message: string): void => {
    faults.push(file.complaint(['refresh', key], message));
  };
  if (numbers.floorMs > numbers.softMs) fault('floor', 'It takes no more than "soft"');
  if (numbers.lead.some(({ minMs, maxMs }) => minMs > maxMs))
    fault('lead', 'It takes a "min" that is no more than "max"');
  if (numbers.lead.filter(({ upToMs }) => upToMs === Number.POSITIVE_INFINITY).length !== 1) {
    fault('lead', 'It takes exactly one entry without "upTo", for the longest lives');
  }
  const { burst, reserved } = numbers.budget;
  if (1 + burst * reserved > burst) {
    fault('budget', 'It takes a "reserved" that leaves one call of the "burst" to renewals that nobody waits for');
  }
  return faults;
};

/** Profiles that all become due together must be renewed before their credentials end, with room for a second try. */
export const budgetWarnings = (
  numbers: RefreshNumbers,
  profiles: Iterable<ProfileSettings>,
  file: ConfigFile,
): readonly Diagnostic[] => {
  const shortestLeadMs = Math.min(...numbers.lead.map(({ minMs }) => minMs));
  const callsInTime = (numbers.budget.perSecond * shortestLeadMs) / 1_000;
  const bySession = new Map<string, number>();
  for (const profile of profiles) {
    if (profile.kind === 'sso') bySession.set(profile.session, (bySession.get(profile.session) ?? 0) + 1);
  }
  return [...bySession]
    .filter(([, count]) => callsInTime < 2 * count)
    .map(([session, count]) => ({
      ...file.complaint(
        ['refresh', 'budget', 'perSecond'],
        `It is too little to renew the profiles of session "${session}" (${count}) in time; raise it, or the shortest "lead"`,
      ),
      severity: 'warning',
    }));
};

type HoldYaml = NonNullable<RefreshYaml['hold']>;
type LeadYaml = NonNullable<RefreshYaml['lead']>[number];
type LoginYaml = NonNullable<RefreshYaml['login']>;
type RetryYaml = NonNullable<RefreshYaml['retry']>;

const leadOf = ({ upTo, min, max }: LeadYaml): RefreshNumbers['lead'][number] => ({
  upToMs: duration(upTo, Number.POSITIVE_INFINITY),
  minMs: milliseconds(min),
  maxMs: milliseconds(max),
});

const retryOf = ({ first, cap }: RetryYaml, usual: RefreshNumbers['retry']): RefreshNumbers['retry'] => ({
  firstMs: duration(first, usual.firstMs),
  capMs: duration(cap, usual.capMs),
});

const holdOf = (yaml: HoldYaml): RefreshNumbers['hold'] => {
  const usual = defaults.refresh.hold;
  return {
    defaultMs: duration(yaml.default, usual.defaultMs),
    botocoreMs: duration(yaml.botocore, usual.botocoreMs),
    rustRubyMs: duration(yaml.rustRuby, usual.rustRubyMs),
    goMs: duration(yaml.go, usual.goMs),
    helperMs: duration(yaml.helper, usual.helperMs),
    credentialProcessMs: duration(yaml.credentialProcess, usual.credentialProcessMs),
  };
};

const loginOf = (yaml: LoginYaml): RefreshNumbers['login'] => {
  const usual = defaults.refresh.login;
  return {
    cooldownsMs: yaml.cooldowns?.map(milliseconds) ?? usual.cooldownsMs,
    maxUnansweredPerDay: yaml.maxUnansweredPerDay ?? usual.maxUnansweredPerDay,
    afterSuccessMs: duration(yaml.afterSuccess, usual.afterSuccessMs),
    offerBeforeMs: duration(yaml.offerBefore, usual.offerBeforeMs),
    remindBeforeMs: yaml.remindBefore?.map(milliseconds) ?? usual.remindBeforeMs,
    remindEveryMs: duration(yaml.remindEvery, usual.remindEveryMs),
  };
};

const duration = (value: DurationYaml | undefined, usualMs: number): number =>
  value === undefined ? usualMs : milliseconds(value);

/** The schema has checked the spelling. */
export const milliseconds = (value: DurationYaml): number => {
  if (typeof value === 'number') return value;
  const unit = value.replace(/^[\d.]+/, '');
  return Math.round(Number.parseFloat(value) * (unitMs.get(unit) ?? 1));
};

const unitMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
