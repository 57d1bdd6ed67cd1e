/** All is well again: what can be served without a person is served soon, after a sign-in everything is, and then it rests. */
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import type { World } from './world.ts';

export async function recover(world: World): Promise<void> {
  const { time, story, callers, posts, sites, person } = world;
  story.tell('all is well again');
  const pass = (ms: number): Promise<void> => time.runUntil(time.mono() + ms, story.over);
  const askAll = (holdMs: number): void => {
    for (const profile of posts.keys()) void callers.ask(profile, holdMs);
  };
  await pass(seconds(30));
  const before = new Map([...sites.values()].map(({ name, parts }) => [name, parts.store.stored]));
  for (let at = 0; at < 16 * 4 && !story.over(); at++) {
    askAll(800);
    await pass(seconds(15));
  }
  for (const { name, parts } of sites.values()) {
    const refreshToken = before.get(name)?.refreshToken ?? null;
    if (parts.server.takesRefresh(refreshToken)) await expectServed(world, name, '20: after 16 quiet minutes');
  }
  for (const { name } of sites.values()) {
    person.login(name, null);
    person.finish();
    await pass(seconds(2));
    await expectServed(world, name, '22: right after a sign-in');
  }
  await pass(minutes(2));
  if (world.dice.chance(0.1)) await pass(hours(9));
}

async function expectServed(world: World, site: string, when: string): Promise<void> {
  const { callers, posts, time, story } = world;
  for (const { scenario } of posts.values()) {
    if (scenario.site !== site || scenario.renewal === 'exclusive') continue;
    let served = false;
    Promise.resolve(callers.ask(scenario.name, seconds(20))).then((answer) => {
      served = typeof answer !== 'string';
    }, story.complain);
    time.stir();
    await time.runUntil(time.mono() + seconds(12), () => served || story.over());
    if (!served) story.complain(`${when}: ${scenario.name} gets nothing`);
  }
}
