import { describe, expect, it } from 'vitest';
import { statePaths } from '../../config/paths.ts';
import { firstCredentials, type Moves } from '../../src/cli/first-credentials.ts';
import type { BrokerClient } from '../../src/client.ts';
import { type CliWorld, cliWorld, type Setting } from '../support/cli-world.ts';
import { loginRouteOf, processDocument, profile, session } from '../support/fake-daemon.ts';

const checkout = 'POST /v1/profiles/dev/checkout';
const loginRoute = loginRouteOf('work');
const prompt = { event: 'prompt', kind: 'browser', url: 'https://sso.example/authorize', opened: true };
const signedIn = { event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' };
const never = new Promise<void>(() => {});

/** With polls that follow each other at once. */
async function fetchFirst(world: CliWorld, changes: Partial<Setting> = {}) {
  const { socket } = statePaths(world.env, process.platform);
  const fetch = (client: BrokerClient) => client.checkout('dev', 'container');
  const wanted = { profile: 'dev', fetch, signsInFirst: true, socket, status: world.daemon.status, pollMs: 1 };
  return world.act(async (context) => void (await firstCredentials(context, wanted)), changes);
}

describe('the first credentials', () => {
  it('tell a terminal what is being waited for, and leave no trace of it', async () => {
    const world = await cliWorld();
    let shown = () => {};
    const after = new Promise<void>((resolve) => {
      shown = resolve;
    });
    world.daemon.answer(checkout, { status: 200, body: processDocument, after });
    const { status, stderr } = await fetchFirst(world, { tty: true, written: () => shown() });
    expect([status, stderr]).toEqual([0, '\r\u001b[2KWaiting for credentials of "dev" …\r\u001b[2K']);
  });

  it.each([
    ['nothing', 10, ''],
    ['one line where the wait is long', 14, 'Waiting for credentials of "dev" …\n'],
  ])('say elsewhere %s', async (_, looks, stderr) => {
    const world = await cliWorld();
    let polled = () => {};
    const after = new Promise<void>((resolve) => {
      polled = resolve;
    });
    world.daemon.answer(checkout, { status: 200, body: processDocument, after });
    world.daemon.onCall = () => {
      if (world.daemon.routes().filter((route) => route === 'GET /v1/status').length === looks) polled();
    };
    expect(await fetchFirst(world)).toEqual({ status: 0, stdout: '', stderr });
  });

  it('join a sign-in the daemon has begun while they were waited for', async () => {
    const world = await cliWorld();
    world.daemon.answer(checkout, { status: 200, body: processDocument, after: never });
    world.daemon.answer(loginRoute, { lines: [prompt, signedIn] });
    world.daemon.onCall = () => {
      const last = world.daemon.routes().at(-1);
      if (last === checkout) world.daemon.status = pending(world);
      if (last === loginRoute) world.daemon.answer(checkout, { status: 200, body: processDocument });
    };
    const { status, stderr } = await fetchFirst(world, { tty: true });
    expect(status).toBe(0);
    expect(stderr).toContain('  https://sso.example/authorize\n');
    const asked = world.daemon.routes().filter((route) => route !== 'GET /v1/status');
    expect(asked).toEqual([checkout, loginRoute, checkout]);
  });

  it('are given up with what the daemon says when that does not change for ten looks', async () => {
    const world = await cliWorld();
    const lastError = 'The portal of "work" cannot be reached';
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev', { state: 'empty', lastError })] };
    world.daemon.answer(checkout, { status: 200, body: processDocument, after: never });
    expect(await fetchFirst(world)).toEqual({ status: 5, stdout: '', stderr: `credbroker: ${lastError}\n` });
    expect(world.daemon.routes()).toEqual([checkout, ...Array.from({ length: 10 }, () => 'GET /v1/status')]);
  });
});

describe('first credentials that a person has to allow', () => {
  const issue = 'POST /v1/profiles/dev/issue';
  const waiting = { event: 'progress', name: 'approval.waiting', detail: null };
  const troubled = (world: CliWorld, lastError: string | null) => {
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev', { state: 'empty', lastError })] };
  };
  const looks = ({ daemon }: CliWorld): number => daemon.routes().filter((one) => one === 'GET /v1/status').length;

  async function issueFirst(world: CliWorld, end: Promise<void>, isLong = true) {
    world.daemon.answer(issue, { lines: [waiting], end });
    const answers = { justification: null, ticketType: null, ticketId: null, otp: null };
    const fetch = (client: BrokerClient, moves: Moves) =>
      client.issue('dev', { as: 'credentials', force: false, answers }, () => moves(isLong));
    const { socket } = statePaths(world.env, process.platform);
    const wanted = { profile: 'dev', fetch, signsInFirst: true, socket, status: world.daemon.status, pollMs: 1 };
    return world.act(async (context) => void (await firstCredentials(context, wanted)));
  }

  it('are waited for, whatever failed before', async () => {
    const world = await cliWorld();
    troubled(world, 'Profile "dev" needs an approval');
    const lookedAt = new Promise<void>((resolve) => {
      world.daemon.onCall = () => {
        if (looks(world) === 30) resolve();
      };
    });
    // The daemon hangs up in the end.
    const { stderr } = await issueFirst(world, lookedAt);
    expect(stderr).toMatch(/^credbroker: The daemon hung up/);
    expect(looks(world)).toBeGreaterThanOrEqual(30);
  });

  it('that hang where nobody has to allow them leave a line in a log', async () => {
    const world = await cliWorld();
    const lookedAt = new Promise<void>((resolve) => {
      world.daemon.onCall = () => {
        if (looks(world) === 30) resolve();
      };
    });
    expect((await issueFirst(world, lookedAt, false)).stderr).toMatch(
      /^Waiting for credentials of "dev" …\ncredbroker: /,
    );
  });

  it('are given up when something else fails since', async () => {
    const world = await cliWorld();
    world.daemon.onCall = () => {
      if (looks(world) === 20) troubled(world, 'Cannot use "acme": it could not be reached');
    };
    expect(await issueFirst(world, never)).toMatchObject({
      status: 5,
      stderr: 'credbroker: Cannot use "acme": it could not be reached\n',
    });
  });
});

const pending = ({ daemon }: CliWorld): CliWorld['daemon']['status'] => ({
  ...daemon.status,
  sessions: [session('work', { state: 'login-pending' })],
});
