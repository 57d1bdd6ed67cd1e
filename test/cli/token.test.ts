import { describe, expect, it } from 'vitest';
import { cliWorld } from '../support/cli-world.ts';
import { loginRouteOf, session, sessionRouteOf } from '../support/fake-daemon.ts';

const route = 'POST /v1/sessions/ngc/token';
const document = { access_token: 'canary', token_type: 'Bearer', expires_at: '2026-11-21T13:00:00Z' };
const answered = { status: 200, body: document };
const expired = { code: 'LoginRequired', message: 'Session "ngc" has expired. Run: credbroker login ngc' };
const refused = { status: 403, body: expired };
const signedIn = { lines: [{ event: 'done', session: 'ngc', expiresAt: '2026-11-21T13:00:00Z' }] };

/** A daemon with a session of an issuer. */
async function issuerWorld(changes: Parameters<typeof session>[1] = {}) {
  const world = await cliWorld();
  const ngc = session('ngc', { provider: 'oidc', startUrl: 'https://login.example', ...changes });
  world.daemon.status = { ...world.daemon.status, sessions: [session('work'), ngc] };
  world.daemon.answer(route, answered);
  world.daemon.answer(loginRouteOf('ngc'), signedIn);
  return world;
}

describe('token', () => {
  it('prints the token and nothing else', async () => {
    const { cli, daemon } = await issuerWorld();
    expect(await cli('token ngc')).toEqual({ status: 0, stdout: 'canary\n', stderr: '' });
    expect(daemon.calls.at(-1)).toEqual({ route, body: { minLifeMs: 300_000 } });
  });

  it('asks for as long a life as is wanted', async () => {
    const { cli, daemon } = await issuerWorld();
    await cli('token ngc --min-life 30m');
    expect(daemon.calls.at(-1)?.body).toEqual({ minLifeMs: 1_800_000 });
    expect(await cli('token ngc --min-life soon')).toEqual({
      ...{ status: 2, stdout: '' },
      stderr: 'credbroker: "soon" is no duration. Write it like 90s, 15m, 8h or 7d\n',
    });
  });

  it('says when it ends, for scripts', async () => {
    const { cli } = await issuerWorld();
    expect((await cli('token ngc --json')).stdout).toBe(`${JSON.stringify(document)}\n`);
  });

  it('says in one line what to run where nobody can be asked', async () => {
    const { cli, daemon } = await issuerWorld({ state: 'login-required' });
    daemon.answer(route, refused);
    expect(await cli('token ngc')).toEqual({ status: 3, stdout: '', stderr: `credbroker: ${expired.message}\n` });
    expect(daemon.routes()).not.toContain(loginRouteOf('ngc'));
  });

  it('offers a sign-in first to a person who needs one', async () => {
    const { cli, daemon } = await issuerWorld({ state: 'login-required' });
    const { status, stdout, stderr } = await cli('token ngc', { tty: true });
    expect([status, stdout]).toEqual([0, 'canary\n']);
    expect(stderr).toContain('Signed in to "ngc"');
    expect(daemon.routes().slice(-2)).toEqual([loginRouteOf('ngc'), route]);
  });

  it('offers one where the daemon learns only now that the session has ended, and asks once more', async () => {
    const { cli, daemon } = await issuerWorld();
    daemon.answer(route, refused);
    daemon.onCall = () => {
      if (daemon.routes().at(-1) === loginRouteOf('ngc')) daemon.answer(route, answered);
    };
    expect(await cli('token ngc', { tty: true })).toMatchObject({ status: 0, stdout: 'canary\n' });
    const asked = daemon.routes().filter((each) => each.startsWith('POST'));
    expect(asked).toEqual([route, loginRouteOf('ngc'), route]);
  });

  it('offers none for a session that has no tokens to print', async () => {
    const { cli, daemon } = await issuerWorld();
    daemon.status = { ...daemon.status, sessions: [session('work', { state: 'login-required' })] };
    const message = 'Session "work" hands out no tokens, only profiles. Run: credbroker profiles';
    daemon.answer(sessionRouteOf('work', 'token'), { status: 400, body: { code: 'BadRequest', message } });
    expect(await cli('token work', { tty: true })).toMatchObject({ status: 2, stderr: `credbroker: ${message}\n` });
  });
});
