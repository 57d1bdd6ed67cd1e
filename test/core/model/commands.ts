/** What may happen to a broker: each command changes the truth, lets something be asked, or lets time pass. */
import fc from 'fast-check';
import { hours, minutes, seconds, settled } from '../../support/fake-clock.ts';
import { loginOptions } from '../../support/test-broker.ts';
import { must } from './checks.ts';
import type { Outage, Truth } from './truth.ts';
import { type CrashPoint, crashPoints } from './upstream.ts';
import { type Profile, profiles, type World } from './world.ts';

type Command = fc.AsyncCommand<Truth, World>;

interface Doing {
  readonly run: (world: World, truth: Truth) => unknown;
  readonly check?: (truth: Truth) => boolean;
}

/** After it the world has had nothing to complain about, or the run fails. */
const command = (name: string, { run, check = () => true }: Doing): Command => ({
  check,
  run: async (truth, world) => {
    await run(world, truth);
    await settled();
    must(world.complaints.length === 0, world.complaints.join('; '));
  },
  toString: () => name,
});

const profile = fc.constantFrom<Profile[]>(...profiles);
const holdMs = fc.constantFrom(10, 800, seconds(10), seconds(120));

const ask = fc.tuple(profile, holdMs).map(([name, ms]) =>
  command(`Get(${name}, ${ms})`, {
    run: ({ callers, broker }) => void (broker && callers.ask(broker, { profile: name, holdMs: ms, renew: false })),
  }),
);

const forceRenew = profile.map((name) =>
  command(`ForceRenew(${name})`, {
    run: ({ callers, broker }) =>
      void (broker && callers.ask(broker, { profile: name, holdMs: seconds(10), renew: true })),
  }),
);

const advance = fc
  .constantFrom(1, 150, seconds(1), seconds(4), seconds(20), minutes(4), minutes(20), minutes(45), hours(3))
  .map((ms) => command(`Advance(${ms})`, { run: (world) => world.pass(ms) }));

const sleep = fc
  .constantFrom(minutes(5), hours(2), hours(9))
  .map((ms) => command(`Sleep(${ms})`, { run: (world) => world.sleep(ms) }));

const stepClock = fc
  .constantFrom(-hours(1), -minutes(10), seconds(30), minutes(10), hours(1))
  .map((ms) => command(`StepClock(${ms})`, { run: (world) => world.stepClock(ms) }));

const outage = fc
  .tuple(
    fc.constantFrom(seconds(1), seconds(30), minutes(15)),
    fc.constantFrom<Outage[]>('down', 'hangs', 'lost', '5xx', '429'),
  )
  .map(([ms, mode]) =>
    command(`Outage(${ms}, ${mode})`, {
      run: (world, truth) => {
        truth.outage = mode;
        world.time.after(ms, () => {
          truth.outage = 'none';
        });
      },
    }),
  );

const loseNextAnswer = fc.constant(
  command('LoseNextAnswer', {
    run: (_, truth) => {
      truth.losing = 1;
    },
  }),
);

const revokeToken = fc.constant(
  // A token refused within a minute of its refresh leads to a sign-in by intent.
  command('RevokeToken', { run: (_, truth) => truth.revokeTokens(), check: (truth) => truth.tokenAgeMs > seconds(70) }),
);
const revokeGrant = fc.constant(command('RevokeGrant', { run: (_, truth) => truth.revokeGrant() }));

const toggled = (name: string, which: (truth: Truth) => Set<string>) =>
  profile.map((one) =>
    command(`${name}(${one})`, { run: (_, truth) => which(truth).delete(one) || which(truth).add(one) }),
  );

const userLogin = fc.constantFrom('ok' as const, 'declined' as const, 'unanswered' as const).map((outcome) =>
  command(`UserLogin(${outcome})`, {
    run: async ({ person, broker }) => {
      if (!person.window && broker) {
        person.wantsWindow(true);
        broker.login('work', loginOptions()).catch(() => {});
        await settled();
        person.wantsWindow(false);
      }
      person.answer(outcome);
    },
  }),
);

const userAway = fc.constant(
  command('UserAway', {
    run: ({ person, time }, truth) => {
      truth.away = true;
      person.leftAt = time.mono();
    },
    check: (truth) => !truth.away,
  }),
);
const userBack = fc.constant(
  command('UserBack', {
    run: (_, truth) => {
      truth.away = false;
    },
    check: (truth) => truth.away,
  }),
);

const logout = fc.constant(
  command('Logout', {
    run: ({ broker, callers, complain }, truth) => {
      if (!broker) return;
      for (const name of profiles) callers.drop(name, truth.tick());
      truth.signedOut = true;
      broker.logout('work').catch((error: unknown) => complain(String(error)));
    },
  }),
);

const checkin = profile.map((name) =>
  command(`Checkin(${name})`, {
    run: ({ broker, callers, complain }, truth) => {
      if (!broker) return;
      callers.drop(name, truth.tick());
      broker.checkin(name).catch((error: unknown) => complain(String(error)));
    },
  }),
);

const restart = fc
  .constantFrom<CrashPoint[]>(...crashPoints)
  .map((point) => command(`Restart(${point})`, { run: (world) => world.crash(point) }));

const externalRotate = fc.constant(
  command('ExternalRotate', {
    run: ({ store }, truth) => {
      const rotated = store.stored && truth.takesRefresh(store.stored.refreshToken) && truth.rotate(store.stored);
      if (rotated) store.overwrite(rotated);
    },
    check: (truth) => !truth.signedOut,
  }),
);

/** Where everything is well again and the server takes the session, everybody is served. */
export const recover = async (world: World, truth: Truth): Promise<void> => {
  world.heal();
  await world.pass(minutes(16));
  const { broker, store } = world;
  const taken = truth.takesRefresh(store.stored?.refreshToken ?? null) && !truth.signedOut && !world.person.window;
  for (const name of taken && broker ? profiles : []) {
    const answer = broker && world.callers.ask(broker, { profile: name, holdMs: seconds(20), renew: false });
    await world.pass(seconds(20));
    must(world.complaints.length === 0, world.complaints.join('; '));
    const outcome = await Promise.race([answer, null]);
    must(outcome !== null && !(outcome instanceof Error), `${name} is served once all is well, not ${outcome}`);
  }
  must(world.complaints.length === 0, world.complaints.join('; '));
};

const weighted: readonly (readonly [number, fc.Arbitrary<Command>])[] = [
  [14, ask],
  [14, advance],
  ...[outage, loseNextAnswer, revokeToken, revokeGrant, forceRenew].map((one) => [2, one] as const),
  ...[userLogin, userAway, userBack, logout, checkin, restart, externalRotate].map((one) => [2, one] as const),
  ...[sleep, stepClock].map((one) => [1, one] as const),
  [1, toggled('Deny', (truth) => truth.denied)],
  [1, toggled('Bad401', (truth) => truth.refusing)],
];

const path = process.env['MODEL_COMMANDS'];

export const commands = fc.commands(
  weighted.flatMap(([weight, one]) => Array.from({ length: weight }, () => one)),
  { maxCommands: 60, size: 'max', ...(path === undefined ? {} : { replayPath: path }) },
);
