/** The edge where promises settle: in whatever order they do, the same things hold in the end. */
import fc from 'fast-check';
import { it } from 'vitest';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { must, replay, runs } from './checks.ts';
import { ScheduledWorld } from './scheduled-world.ts';

type Act = 'get dev' | 'get prod' | 'hang up' | 'logout' | 'login' | 'rotate' | 'reload' | 'new role' | 'time';

const act = fc.constantFrom<Act[]>(
  ...(['get dev', 'get dev', 'get dev', 'get prod', 'get prod', 'hang up', 'logout', 'login'] as const),
  ...(['rotate', 'reload', 'new role', 'time'] as const),
);

/** A session that has just been refreshed, is due, or has ended. */
const expiresInMs = fc.constantFrom(minutes(60), minutes(20), 0);

function perform(world: ScheduledWorld, what: Act): unknown {
  const leaving = new AbortController();
  switch (what) {
    case 'get dev':
    case 'get prod':
      return world.ask(what.slice(4), leaving.signal);
    case 'hang up':
      world.ask('dev', leaving.signal);
      return world.does('hangs up', () => leaving.abort(new Error('hung up')));
    case 'logout':
      return world.logout();
    case 'login':
      return world.login();
    case 'rotate':
      return world.rotateElsewhere();
    case 'reload':
      return world.reload('Developer');
    case 'new role':
      return world.reload('Administrator');
    default:
      return world.clock.advance(seconds(3));
  }
}

/** Until nothing moves any more, not even after the longest hold. */
async function settle(world: ScheduledWorld, scheduler: fc.Scheduler): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await scheduler.waitIdle();
    world.clock.advance(round < 8 ? 500 : seconds(5));
    world.broker.beat();
  }
  await scheduler.waitIdle();
}

it('ends well in whatever order answers come', { timeout: 3_600_000 }, async () => {
  const acts = fc.array(act, { minLength: 2, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), expiresInMs, acts, async (scheduler, life, story) => {
      const world = new ScheduledWorld(scheduler, life);
      const all = story.map((what, at) => world.does(`${at}: ${what}`, () => perform(world, what)));
      await settle(world, scheduler);
      await Promise.all(all);
      const { asked, newest, store, complaints } = world;
      must(complaints.length === 0, complaints.join('; '));
      must(
        asked.every(({ answers }) => answers === 1),
        'each caller is answered once',
      );
      // Nobody is refused on account of others who only ask, leave, refresh or reload.
      const calm = story.every((what) => /^get|^hang|^rotate|^reload/.test(what));
      const refused = asked.find(({ signal, refusal }) => calm && refusal !== null && !signal.aborted);
      must(refused === undefined, `a caller is refused needlessly: ${refused?.refusal}`);
      const kept = store.stored?.refreshToken ?? null;
      must(kept === newest, `the store holds ${kept}, the newest refresh token is ${newest}`);
    }),
    { numRuns: runs(1_000), ...replay() },
  );
});
