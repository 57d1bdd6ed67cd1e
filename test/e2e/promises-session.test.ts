/**
 * What bctl promises of its sessions, sentence by sentence, with the released program. `docs/britive.md` lists them all,
 * with those that other tests prove and those that we keep otherwise on purpose.
 */
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { credbroker } from '../support/built.ts';
import { succeeded } from '../support/container-clients.ts';
import type { Live } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import {
  announcement,
  credentialsOf,
  expiredWorld,
  newMachine,
  promised,
  promisedWorld,
  stateOf,
  storedSession,
  typed,
} from '../support/promise-world.ts';
import { posts } from '../support/tenant-live.ts';
import { requireTerminal } from '../support/terminal.ts';

const checkedOut = new RegExp(`Checked out ${promised} \\(expires in (4h|3h 59m)\\)\\n$`);

describe('the session token', () => {
  it('is stored as three things: the JWT, the token type, and the expiry of its exp claim', async () => {
    const world = await promisedWorld();
    const { accessToken, tokenType, expiresAt, refreshToken } = await storedSession(world);
    const [issued] = world.emulator.journal.calls('BritiveRetrieveTokens').slice(-1);
    const { authenticationResult } = JSON.parse(issued?.answer?.body ?? '');
    expect(accessToken).toBe(authenticationResult.accessToken);
    expect(tokenType).toBe('Bearer');
    expect(expiresAt).toBe((decodeJwt(accessToken).exp ?? 0) * 1000);
    // The tenant hands out something to refresh with that nobody can redeem.
    expect(authenticationResult.refreshToken).toMatch(/./);
    expect(refreshToken).toBeNull();
  });

  it('comes from your browser with the very first command on a new machine', async (test) => {
    requireTerminal(test);
    for (const profile of [promised, 'Cloud/Development/Developer']) {
      const world = await newMachine();
      const first = await typed(world, ['checkout', profile]);
      expect(first).toMatchObject({
        status: 0,
        pages: 1,
        screen: expect.stringMatching(/Checked out [\w-]+ \(.+\)\n$/),
      });
      expect(first.screen).not.toContain(announcement);
    }
  });

  it('that is still valid is used at once, and no command opens a browser', async (test) => {
    requireTerminal(test);
    const world = await promisedWorld();
    for (const words of [
      ['checkout', promised],
      ['status'],
      ['profiles', 'sync', '--session', 'acme'],
      ['checkin', promised],
    ]) {
      expect(await typed(world, words)).toMatchObject({ status: 0, pages: 0 });
    }
  });

  it('that has expired is announced, replaced through the browser, stored, and the command continues: once per JWT lifetime', async (test) => {
    requireTerminal(test);
    const world = await expiredWorld();
    const before = await storedSession(world);
    const first = await typed(world, ['checkout', promised]);
    expect(first).toMatchObject({ status: 0, pages: 1, screen: expect.stringMatching(checkedOut) });
    expect(first.screen.split(announcement)).toHaveLength(2);
    const after = await storedSession(world);
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(after.expiresAt).toBeGreaterThan(before.expiresAt + 60_000);
    const next = await typed(world, ['checkout', promised, '--force']);
    expect(next).toMatchObject({ status: 0, pages: 0, screen: expect.stringMatching(checkedOut) });
    expect(next.screen).not.toContain(announcement);
  });

  it.for<[string, readonly string[], number]>([
    ['checkin', ['checkin', promised], 0],
    ['checkin --all', ['checkin', '--all'], 0],
    ['profiles sync', ['profiles', 'sync', '--session', 'acme'], 0],
    ['eks connect', ['eks', 'connect', promised, '--region', 'eu-central-1'], 0],
  ])('that has expired is renewed by every command that talks to Britive: %s', async ([_, words, status], test) => {
    requireTerminal(test);
    const world = await expiredWorld();
    const end = await typed(world, words);
    expect(end).toMatchObject({ status, pages: 1 });
    expect(end.screen.split(announcement)).toHaveLength(2);
    expect(await typed(world, words)).toMatchObject({ status, pages: 0 });
  });

  it('that has expired opens no browser for status, which says what to run', async (test) => {
    requireTerminal(test);
    const world = await expiredWorld();
    const { status, pages, screen } = await typed(world, ['status']);
    expect([status, pages]).toEqual([0, 0]);
    expect(screen).toMatch(/could not be asked: Session "acme" has expired\.\s+Run: credbroker login acme\n\n/);
  });

  it('is never minted in the background: for a program that comes after its end, too', async () => {
    const world = await expiredWorld();
    const before = world.emulator.journal.entries.length;
    const { status, body } = await world.ask(promised, await world.grant());
    expect(status).toBe(403);
    expect(JSON.parse(body).message).toBe('Session "acme" has expired. Run: credbroker login acme');
    const asked = world.emulator.journal.entries.slice(before).map(({ operation }) => operation);
    expect(asked.filter((operation) => operation !== 'BritiveValidate')).toEqual([]);
  });

  it('is gone after logout, which keeps what was checked out', async () => {
    const world = await promisedWorld();
    succeeded(await world.cli(['checkout', promised]));
    const before = [stateOf(world), credentialsOf(world)];
    succeeded(await world.cli(['logout', 'acme']));
    expect(await storedSession(world)).toBeNull();
    expect([stateOf(world), credentialsOf(world)]).toEqual(before);
    expect(before[0]).not.toBeNull();
  });
});

describe('an API token', () => {
  const logIn = async (world: Live): Promise<string> => {
    const { people } = world.emulator.britive;
    const token = people.issueApiToken({ userName: 'ci@example.com', type: 'DEFAULT', lifeMs: 3_600_000 });
    const login = `printf '%s\\n' "$0" | "$1" "$2" login acme --token`;
    succeeded(await ranTo(['sh', '-c', login, token, ...credbroker()], world.env));
    return token;
  };

  it('has no exp, is trusted until Britive refuses it, is never renewed, and opens no browser', async (test) => {
    requireTerminal(test);
    const world = await newMachine();
    const token = await logIn(world);
    const { accessToken, tokenType, expiresAt } = await storedSession(world);
    expect([accessToken, tokenType]).toEqual([token, 'TOKEN']);
    expect(expiresAt).toBeGreaterThan(Date.now() + 1000 * 365 * 86_400_000);
    expect(await typed(world, ['checkout', promised])).toMatchObject({ status: 0, pages: 0 });

    world.emulator.britive.people.revokeApiToken(token);
    const refused = await typed(world, ['checkout', promised, '--force']);
    expect(refused).toMatchObject({ status: 3, pages: 0 });
    expect(refused.screen).not.toContain(announcement);
    expect(refused.screen).toContain('Run: credbroker login acme --token\n');
    expect(posts(world)).toBe(1);
  });
});
