/** What can go wrong, and what people and other tools can do, each with how likely it is. */
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import { crashPoints } from './daemon.ts';
import type { Dice } from './dice.ts';
import { otherTool } from './other-tool.ts';
import type { Site } from './site.ts';
import { outages } from './weather.ts';
import type { World } from './world.ts';

export type Mishap = readonly [weight: number, name: string, happen: (world: World, dice: Dice, site: Site) => void];

export const mishaps: readonly Mishap[] = [
  [5, 'outage', outage],
  [2, 'denied', (world, dice, site) => forbid({ world, dice, site, set: site.permissions.denied })],
  [2, 'refused', (world, dice, site) => forbid({ world, dice, site, set: site.permissions.refused })],
  [3, 'sleep', sleep],
  [2, 'sleep amid trouble', sleepAmidTrouble],
  [3, 'clock set', setClock],
  [1, 'sign-in revoked', (_, __, site) => site.parts.server.revokeSignIn()],
  [1, 'tokens revoked', (_, __, site) => site.parts.server.revokeTokens()],
  [2, 'logout', (world, _, site) => logout(world, site)],
  [4, 'login', ({ person }, dice, { name }) => person.login(name, dice.chance(0.3) ? dice.between(0, 60_000) : null)],
  [2, 'check-in', checkin],
  [2, 'renewal forced', renew],
  [
    4,
    'person',
    ({ person, scenario }, dice) => (dice.chance(scenario.person.awayShare) ? person.leave() : person.return()),
  ],
  [5, 'other tool', otherTool],
  [2, 'other tool at the worst moment', (world, dice, site) => ambush(world, dice, site)],
  [2, 'store', store],
  [3, 'crash', ({ daemon }, dice) => daemon.crash(downtime(dice), 'at random')],
  [6, 'trap', ({ daemon }, dice) => daemon.layCrash(dice.pick(crashPoints), downtime(dice))],
  [2, 'clean stop', ({ daemon }, dice) => daemon.stop(downtime(dice))],
  [2, 'reload', reload],
  [3, 'storm', ({ callers }, dice, site) => callers.storm(profileOf(site, dice), Math.floor(dice.between(2, 30)))],
  [3, 'rest', ({ callers }, dice) => callers.rest(dice.pick([minutes(20), hours(1), hours(3), hours(9)]))],
];

const downtime = (dice: Dice): number => dice.pick([100, seconds(3), seconds(20), minutes(10)]);

function profileOf({ name, parts }: Site, dice: Dice): string {
  const own = parts.profiles.filter(({ site }) => site === name).map((profile) => profile.name);
  return own[Math.floor(dice.next() * own.length)] ?? 'dev';
}

interface Forbidding {
  readonly world: World;
  readonly dice: Dice;
  readonly site: Site;
  readonly set: Set<string>;
}

/** For a while, and for one profile alone. */
function forbid({ world: { time, story }, dice, site, set }: Forbidding): void {
  const profile = profileOf(site, dice);
  set.add(profile);
  story.tell(`${profile} is refused`);
  time.after(dice.pick([minutes(2), minutes(30), hours(3)]), () => {
    story.tell(`${profile} is not refused any more`);
    site.permissions.allow(set, profile);
  });
}

function outage({ time, story }: World, dice: Dice, site: Site): void {
  const { weather } = site.parts;
  const which = dice.pick(outages);
  weather.turn(which);
  story.note(`outage ${which}`, site.name);
  time.after(dice.pick([seconds(20), minutes(2), minutes(15), hours(1)]), () => {
    if (weather.outage !== which) return;
    story.tell(`outage over: ${which}`);
    weather.turn(null);
  });
}

/** The lid is closed in anger, and opened when all is well: what was learned before says nothing any more. */
function sleepAmidTrouble(world: World, dice: Dice, site: Site): void {
  const { permissions, parts } = site;
  const profile = profileOf(site, dice);
  if (dice.chance(0.5)) permissions.denied.add(profile);
  else parts.weather.turn('too many requests');
  world.callers.storm(profile, 3);
  world.time.after(seconds(dice.between(20, 90)), () => {
    parts.weather.turn(null);
    permissions.allowAll();
    sleep(world, dice);
    world.time.after(seconds(20), () => world.callers.storm(profile, 1));
  });
}

/** Seen by the clock before anything else happens: set back during a sleep, nobody could tell. */
function sleep(world: World, dice: Dice): void {
  const ms = dice.pick([minutes(2), minutes(40), hours(3), hours(9), hours(70)]);
  // What was wrong before is often right again by then.
  if (dice.chance(0.5)) {
    for (const { parts, permissions } of world.sites.values()) {
      parts.weather.turn(null);
      permissions.allowAll();
    }
  }
  world.time.sleep(ms);
  lookAtClock(world);
  world.observer.woke();
}

function setClock(world: World, dice: Dice): void {
  const { time, story } = world;
  time.skewMs = dice.pick([
    0,
    0,
    0,
    hours(1),
    -hours(1),
    minutes(10),
    -minutes(10),
    hours(26),
    -hours(26),
    seconds(90),
  ]);
  story.tell(`skew ${time.skewMs}`);
  lookAtClock(world);
}

function lookAtClock(world: World): void {
  if (world.daemon.process.alive) world.daemon.process.clock.now();
  world.observer.leapt();
}

function logout(world: World, site: Site): void {
  const { daemon, story, posts, serving } = world;
  if (!daemon.serving) return;
  daemon.process.broker.logout(site.name).then(
    (told) => story.tell(`logged out, upstream told: ${told}`),
    (error: unknown) => story.note('logout incomplete', String(error)),
  );
  site.parts.windows.signedOut();
  site.parts.notices.settled();
  site.parts.tokens.signedOut();
  for (const post of posts.values()) if (post.site === site) serving.dropped(post.scenario.name);
}

function checkin(world: World, dice: Dice, site: Site): void {
  const { daemon, story, serving } = world;
  if (!daemon.serving) return;
  const profile = profileOf(site, dice);
  story.tell(`check-in of ${profile}`);
  site.permissions.checkins.add(profile);
  world.observer.checkedIn(profile);
  daemon.process.broker.checkin(profile).catch((error: unknown) => serving.broken(error));
  serving.dropped(profile);
  site.parts.calls.excuse();
}

function renew({ callers }: World, dice: Dice, site: Site): void {
  const profile = profileOf(site, dice);
  site.parts.calls.excuse();
  site.permissions.renewals.add(profile);
  void callers.renew(profile);
}

function store({ time }: World, dice: Dice, { parts: { store: at } }: Site): void {
  const what = dice.pick(['unreadable', 'readOnly', 'torn'] as const);
  at.set(what, true);
  time.after(dice.pick([seconds(1), minutes(1), minutes(40)]), () => at.set(what, false));
}

/** Another tool writes while the broker is about to. */
function ambush(world: World, dice: Dice, site: Site): void {
  world.daemon.lay('tokens about to be saved', () => world.time.after(0, () => otherTool(world, dice, site)));
}

/** The settings are loaded anew; every other time with another role for `dev`, now and then with another login mode. */
function reload(world: World, dice: Dice): void {
  const { daemon, serving, story } = world;
  if (dice.chance(0.5)) {
    world.role += 1;
    serving.dropped('dev');
    world.excuse();
  }
  if (dice.chance(0.2)) world.login = world.login === 'manual' ? 'on-demand' : 'manual';
  story.tell(`role ${world.role}, ${world.login}`);
  if (daemon.serving) daemon.process.broker.reload(world.settings());
}
