/** What bctl promises of checkouts, sentence by sentence, with the released program: see `promises-session.test.ts`. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { step } from '../../src/emulator/britive/default-catalogue.ts';
import { credbroker } from '../support/built.ts';
import { succeeded } from '../support/container-clients.ts';
import type { Live } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import { credentialsOf, promised, promisedWorld, stateFile, stateOf, typed } from '../support/promise-world.ts';
import { clis, homeIn } from '../support/real-clients.ts';
import { posts } from '../support/tenant-live.ts';
import { requireTerminal } from '../support/terminal.ts';

const freshly = new RegExp(`^Checked out ${promised} \\(expires in (4h|3h 59m)\\)\\n$`);

const checkout = async (world: Live, ...more: readonly string[]) =>
  succeeded(await world.cli(['checkout', promised, ...more]));

async function checkedOutWorld(): Promise<Live> {
  const world = await promisedWorld();
  await checkout(world);
  return world;
}

/** How many calls the tenant has had. */
const calls = ({ emulator }: Live): number => emulator.journal.entries.length;

/** As though it had been written at another time. */
const rewrite = (world: Live, changes: Readonly<Record<string, string>>): void =>
  writeFileSync(stateFile(world), JSON.stringify({ ...stateOf(world), ...changes }));

const inSeconds = (count: number): string => new Date(Date.now() + count * 1000).toISOString();

const key = (world: Live) => /aws_access_key_id = (\w+)/.exec(credentialsOf(world))?.[1];

describe('checkout', () => {
  it('writes a small JSON file after every success: alias, transactionId, checkedOutAt, expiresAt', async () => {
    const world = await promisedWorld();
    const { people } = world.emulator.britive;
    people.changeProfile('Build', { isEntitled: false });
    expect((await world.cli(['checkout', promised])).status).toBe(4);
    expect(stateOf(world)).toBeNull();
    people.changeProfile('Build', { isEntitled: true });
    expect((await checkout(world, '--force')).stderr).toMatch(freshly);
    const { answer } = world.emulator.journal.calls('BritiveCheckout').at(-1) ?? expect.unreachable();
    const { transactionId, expiration } = JSON.parse(answer?.body ?? '');
    expect(stateOf(world)).toMatchObject({
      ...{ alias: promised, transactionId, expiresAt: expiration },
      checkedOutAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it('with more than 5 minutes left says already checked out (expires in 3h 47m): zero calls, no sign-in', async (test) => {
    requireTerminal(test);
    const world = await checkedOutWorld();
    rewrite(world, { expiresAt: inSeconds((3 * 60 + 47) * 60 + 30) });
    world.emulator.britive.people.endSessions();
    const before = credentialsOf(world);
    expect(await typed(world, ['checkout', promised])).toEqual({
      ...{ status: 0, pages: 0, calls: 0 },
      screen: `${promised} is already checked out (expires in 3h 47m)\n`,
    });
    expect(credentialsOf(world)).toBe(before);
  });

  it.each(clis)('puts the credentials where $name finds them: it works immediately', async (client) => {
    const world = await checkedOutWorld();
    const { env } = homeIn(client, world.emulator, world.home);
    for (const _ of ['the first time', 'when skipped']) {
      const identity = succeeded(await ranTo([client.command, ...client.identityOf(promised)], env));
      expect(JSON.parse(identity.stdout).Account).toBe('111122223333');
      expect((await checkout(world)).stderr).toContain('already checked out');
    }
  });

  it('whose file is missing, expired or within the 5-minute buffer is done in full, and writes a fresh state file', async () => {
    const world = await checkedOutWorld();
    const { expiresAt, transactionId } = stateOf(world);
    const changes = [
      () => rmSync(stateFile(world)),
      () => rewrite(world, { expiresAt: inSeconds(-1) }),
      () => rewrite(world, { expiresAt: inSeconds(299) }),
    ];
    for (const change of changes) {
      change();
      expect((await checkout(world)).stderr).toMatch(freshly);
      expect(stateOf(world)).toMatchObject({ expiresAt, transactionId });
    }
    // Britive has one checkout for it, and it is still the best there is.
    expect(posts(world)).toBe(1);
  });

  it('of credentials that have really expired is a new one at Britive', async () => {
    const world = await promisedWorld();
    const { people } = world.emulator.britive;
    people.changeProfile('Build', { lifeMs: 8_000, extension: null, checkout: [step('checkedOut')] });
    await checkout(world);
    const { transactionId, expiresAt } = stateOf(world);
    people.changeProfile('Build', { lifeMs: 4 * 3_600_000 });
    let last = '';
    // Until then it is the one there is: Britive gives no second one.
    while (stateOf(world).transactionId === transactionId) last = (await checkout(world)).stderr;
    expect(last).toMatch(freshly);
    expect(Date.now()).toBeGreaterThan(Date.parse(expiresAt));
    expect(posts(world)).toBe(2);
  });

  it('with --force or -f bypasses the freshness check: a call to Britive, a fresh transaction ID', async () => {
    const world = await checkedOutWorld();
    for (const [count, flag] of ['--force', '-f'].entries()) {
      const [{ transactionId }, before] = [stateOf(world), key(world)];
      expect((await checkout(world, flag)).stderr).toContain('Checked out');
      expect(posts(world)).toBe(count + 2);
      expect(stateOf(world).transactionId).not.toBe(transactionId);
      expect(key(world)).not.toBe(before);
    }
  });

  it('-o env, process or json never uses the file: the daemon answers from memory, and asks Britive with --force', async () => {
    const world = await checkedOutWorld();
    const before = calls(world);
    for (const output of ['env', 'process', 'json']) {
      const { stdout, stderr } = await checkout(world, '-o', output);
      expect(stdout).toContain(key(world));
      expect(stderr).toBe('');
    }
    expect(calls(world)).toBe(before);
    const forced = await checkout(world, '-o', 'process', '--force');
    expect(posts(world)).toBe(2);
    // The keys in the file have ended with that.
    expect([credentialsOf(world), stateOf(world)]).toEqual(['', null]);
    expect((await checkout(world)).stderr).toMatch(freshly);
    expect(forced.stdout).toContain(key(world));
  });

  it('-o env can be evaluated by a shell, and leaves no file', async () => {
    const world = await promisedWorld();
    const line = `eval "$("$0" "$1" checkout ${promised} -o env)" && printf '%s' "$AWS_ACCESS_KEY_ID $AWS_SESSION_TOKEN"`;
    const { stdout } = succeeded(await ranTo(['sh', '-c', line, ...credbroker()], world.env));
    expect(stdout).toMatch(/^ASIA\w+ \S{20,}$/);
    expect(existsSync(stateFile(world))).toBe(false);
  });
});

describe('what is released', () => {
  it('by checkin goes back to Britive, the state file is removed, and the next checkout is a full call', async () => {
    const world = await checkedOutWorld();
    const first = stateOf(world);
    succeeded(await world.cli(['checkin', promised]));
    const [checkin] = world.emulator.journal.calls('BritiveCheckin');
    expect(checkin?.request.path).toBe(`/api/access/${first.transactionId}`);
    expect(stateOf(world)).toBeNull();
    expect((await checkout(world)).stderr).toMatch(freshly);
    expect(posts(world)).toBe(2);
  });

  it('by a checkin after the end of the session goes back all the same', async (test) => {
    requireTerminal(test);
    const world = await checkedOutWorld();
    world.emulator.britive.people.endSessions();
    const { status, pages } = await typed(world, ['checkin', promised]);
    expect([status, pages]).toEqual([0, 1]);
    expect(stateOf(world)).toBeNull();
    expect(world.emulator.journal.calls('BritiveCheckin').at(-1)?.answer?.status).toBe(200);
  });

  it('is nothing at logout, and everything with the directory of the files: then one starts completely clean', async (test) => {
    requireTerminal(test);
    const world = await checkedOutWorld();
    succeeded(await world.cli(['logout', 'acme']));
    expect(readdirSync(dirname(stateFile(world)))).toEqual([`${promised}.json`]);
    expect(await typed(world, ['checkout', promised])).toMatchObject({ status: 0, pages: 0, calls: 0 });
    rmSync(dirname(stateFile(world)), { recursive: true });
    const clean = await typed(world, ['checkout', promised]);
    expect(clean).toMatchObject({ status: 0, pages: 1 });
    expect(clean.calls).toBeGreaterThan(2);
    expect(stateOf(world)).not.toBeNull();
  });
});

describe('status', () => {
  it('queries the Britive API each time, and prints what is checked out: PROFILE, STATUS, EXPIRES', async () => {
    const world = await checkedOutWorld();
    const { expiresAt } = stateOf(world);
    for (const asked of [1, 2]) {
      const before = world.emulator.journal.calls('BritiveStatus').length;
      const { stdout } = succeeded(await world.cli(['status']));
      expect(world.emulator.journal.calls('BritiveStatus').length - before).toBe(1);
      expect(stdout, `time ${asked}`).toMatch(/\nPROFILE +STATUS +EXPIRES +REMAINING\n/);
      expect(stdout).toMatch(new RegExp(`\\n${promised} +checkedOut +${expiresAt} +3h 59m\\n\\nDaemon `));
    }
    world.emulator.britive.people.revokeCheckouts();
    while (!(await world.cli(['status'])).stdout.includes('\nNo active checkouts\n'));
  });
});
