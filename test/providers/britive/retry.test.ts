import { describe, expect, it } from 'vitest';
import { britive } from '../../../src/providers/britive/index.ts';
import { seconds } from '../../support/fake-clock.ts';
import { BritiveWorld, profile, session } from './world.ts';

const list = '/api/access/app-access-status';

/** The times between one look at the list and the next, milliseconds. */
const pauses = async (world: BritiveWorld, dice: number): Promise<readonly number[]> => {
  const provider = britive({ ...world.britiveDependencies, random: () => dice });
  await world.drive(provider.openProfile(profile(), session()).acquire(world.request()));
  const looks = world.sentTo(list).map(({ at }) => at);
  return looks.slice(1).map((at, index) => at - (looks[index] ?? at));
};

describe('a call that may be repeated', () => {
  it.each([
    [0, [0, 0, 0, 0]],
    [0.5, [250, 500, 1_000, 2_000]],
    [0.999, [500, 1_000, 2_000, 4_000]],
  ])('is, four times, after pauses that are drawn (%d of each)', async (dice, expected) => {
    const world = new BritiveWorld();
    for (let n = 0; n < 5; n++) world.on('GET', list, { status: 503 });
    const drawn = await pauses(world, dice);
    expect(drawn).toHaveLength(4);
    // Time goes in steps of 50 ms here.
    for (const [index, ms] of expected.entries()) expect(Math.abs((drawn[index] ?? 0) - ms)).toBeLessThanOrEqual(50);
  });

  it.each([
    ['in seconds', '7', seconds(7)],
    ['as a date', 'Sat, 21 Nov 2026 09:00:09 GMT', seconds(9)],
    ['too far away', '3600', seconds(60)],
    ['in words', 'soon', 0],
    ['that has passed', 'Sat, 21 Nov 2026 08:00:00 GMT', 0],
  ])('is repeated after the time that is named %s, and no later than after a minute', async (_, header, ms) => {
    const world = new BritiveWorld();
    world.on('GET', list, { status: 429, headers: { 'retry-after': header } });
    world.lists([world.row()]).tokens();
    expect(await pauses(world, 0)).toEqual([ms]);
  });

  it.each([
    ['a refusal', { status: 403 }],
    ['maintenance', { status: 503, body: { errorCode: 'MAINT0001' } }],
    ['a 401', { status: 401 }],
  ])('is not after %s', async (_, answer) => {
    const world = new BritiveWorld().on('GET', list, answer);
    expect(await pauses(world, 0)).toEqual([]);
  });

  it.each([
    ['nothing', { body: null }],
    ['half a list', { body: '[{"transactionId":' }],
    ['a page', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
  ])('is after %s in the place of an answer', async (_, answer) => {
    const world = new BritiveWorld().on('GET', list, answer);
    world.lists([world.row()]).tokens();
    expect(await pauses(world, 0)).toHaveLength(1);
  });
});
