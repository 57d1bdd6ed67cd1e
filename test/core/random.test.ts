/**
 * Throws random events at a whole broker whose upstream, store, person and clocks know the truth, and checks what must hold
 * whatever happens. A failure names its seed; `RANDOM_SEED=17 RANDOM_COUNT=1` repeats it alone.
 */
import { expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { loginOptions } from '../support/test-broker.ts';
import { type Profile, RandomBroker } from './random-broker.ts';

const profiles: readonly Profile[] = ['dev', 'prod'];
const first = Number(process.env['RANDOM_SEED'] ?? 1);
const count = Number(process.env['RANDOM_COUNT'] ?? 200);
const storyLength = Number(process.env['RANDOM_STORY'] ?? 60);
const steps = Number(process.env['RANDOM_STEPS'] ?? 60);

type Event = readonly [weight: number, name: string, happen: () => unknown];

function eventsOf(run: RandomBroker): readonly Event[] {
  const { world } = run;
  const { random, server, store } = world;
  const profile = random() < 0.7 ? 'dev' : 'prod';
  const toggle = (set: Set<string>): unknown => set.delete(profile) || set.add(profile);
  return [
    [36, 'get', () => ask(run, profile)],
    [20, 'a moment', () => run.pass(seconds(2) * random())],
    [8, 'minutes', () => run.pass(minutes(3) * random())],
    [4, 'most of an hour', () => run.pass(minutes(50) * random())],
    [4, 'outage', () => world.toggleOutage()],
    [2, 'denied', () => toggle(world.denied)],
    [2, 'refused', () => toggle(world.refused)],
    [1, 'sleep', () => world.sleep(hours(3) * random())],
    [1, 'clock set', () => world.setClock(hours(3) * (random() - 0.5))],
    [1, 'session ends', () => server.endSession()],
    [1, 'tokens revoked', () => server.revokeTokens()],
    [2, 'logout', () => logout(run)],
    [3, 'login', () => login(run, random() < 0.4 ? seconds(40) * random() : null)],
    [4, 'the person answers', () => answer(run)],
    [2, 'refreshed elsewhere', () => refreshedElsewhere(run)],
    [1, 'signed in elsewhere', () => signedInElsewhere(run)],
    [0.5, 'signed out elsewhere', () => store.overwrite(null)],
    [1.5, 'store', () => store.toggle('unreadable')],
    [1.5, 'store', () => store.toggle('readOnly')],
    [1, 'reload', () => run.reload()],
  ];
}

function ask(run: RandomBroker, profile: Profile): void {
  const { random } = run.world;
  const holdMs = [10, 800, 4_500, 30_000, 120_000][Math.floor(random() * 5)] ?? 10;
  run.ask(profile, holdMs, random() < 0.15 ? seconds(3) * random() : null).catch(run.world.complain);
}

function login({ world, broker }: RandomBroker, leavesAfterMs: number | null): void {
  const leaving = new AbortController();
  const flow = world.random() < 0.5 ? 'browser' : 'device';
  if (leavesAfterMs !== null) world.time.after(leavesAfterMs, () => leaving.abort(new Error('left')));
  world.signedOut = false;
  world.userAsks = true;
  broker.login('work', loginOptions({ flow, signal: leaving.signal })).catch(() => {});
  world.userAsks = false;
}

function answer({ world }: RandomBroker): void {
  const luck = world.random();
  if (luck < 0.7) return world.finishLogin();
  world.logins[0]?.answer({ type: luck < 0.85 ? 'declined' : 'unanswered', detail: '' });
}

function logout({ world, broker, drop }: RandomBroker): void {
  broker.logout('work').catch(world.complain);
  drop('dev', 'prod');
  world.signedOut = true;
  world.store.known = null;
}

/** Of tokens that nobody could store, nothing says whether they are the newer ones but their expiry. */
function refreshedElsewhere({ world: { store, server } }: RandomBroker): void {
  if (store.known === store.stored && server.takesRefresh(store.stored)) store.overwrite(server.issue());
}

async function signedInElsewhere(run: RandomBroker): Promise<void> {
  const { world } = run;
  await run.pass(seconds(1));
  world.store.overwrite(world.server.signIn());
  if (!world.store.unreadable && !world.store.readOnly) world.signedOut = false;
}

async function step(run: RandomBroker): Promise<void> {
  const events = eventsOf(run);
  let at = run.world.random() * events.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, name, happen] of events) {
    at -= weight;
    if (at >= 0) continue;
    run.world.tell(name);
    await happen();
    await settled();
    return run.watch();
  }
}

/** All is well again and the user signs in: the next request is served; and once nobody asks, renewing ends. */
async function recover(run: RandomBroker): Promise<void> {
  const { world } = run;
  world.tell('all is well again');
  world.heal();
  await run.pass(seconds(30));
  const before = world.store.stored;
  for (let quarter = 0; quarter < 16 * 4 && world.complaints.length === 0; quarter++) {
    for (const profile of profiles) run.ask(profile, 800).catch(world.complain);
    await run.pass(seconds(15));
  }
  const signedIn = run.broker.sessions()[0]?.state !== 'signed-out' && world.server.takesRefresh(before);
  if (signedIn) await expectServed(run, '20: after 16 quiet minutes');
  login(run, null);
  world.finishLogin();
  await settled();
  await expectServed(run, '22: right after a sign-in');
  await run.pass(minutes(2));
  const renewed = world.answered.get('acquire dev') ?? 0;
  await run.pass(world.random() < 0.1 ? hours(8) : 0);
  if ((world.answered.get('acquire dev') ?? 0) > renewed + 1) world.complain('19: renewals go on when nobody asks');
}

async function expectServed(run: RandomBroker, when: string): Promise<void> {
  for (const profile of profiles) {
    const outcome = run.ask(profile, seconds(20));
    await run.pass(seconds(1));
    const what = await Promise.race([outcome, 'no answer']);
    if (what === 'no answer' || what instanceof Error) run.world.complain(`${when} ${profile} gets ${what}`);
  }
}

it('keeps its promises whatever happens', { timeout: 3_600_000 }, async () => {
  for (let seed = first; seed < first + count; seed++) {
    const run = new RandomBroker(seed);
    const { world } = run;
    for (let at = 0; at < steps && world.complaints.length === 0; at++) await step(run);
    if (world.complaints.length === 0) await recover(run);
    run.close();
    if (world.complaints.length > 0) expect.fail(`seed ${seed}\n${world.story.slice(-storyLength).join('\n')}`);
  }
});
