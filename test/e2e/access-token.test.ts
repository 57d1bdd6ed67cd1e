/** Access tokens of an OAuth issuer out of the released program: on the command line and on the data plane. */
import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, get } from '../../src/cli/loopback-http.ts';
import { credbroker } from '../support/built.ts';
import { succeeded } from '../support/container-clients.ts';
import { apiStatus, issuerWorld, refreshes, signedInIssuerWorld } from '../support/issuer-live.ts';
import type { Live } from '../support/live.ts';
import { ranTo } from '../support/program.ts';

/** Asks as `curl -H "Authorization: …" http://127.0.0.1:9911/token/ngc` does. */
async function dataPlane(world: Live) {
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const { daemon } = await world.client.status();
  return async (grant: string, headers: Readonly<Record<string, string>> = {}) => {
    const request = { ...get(`${daemon.url}/token/ngc`, agent), headers: { authorization: grant, ...headers } };
    const { status, body } = await ask(request);
    return { status, body: JSON.parse(body) };
  };
}

const printed = async (world: Live, ...words: readonly string[]): Promise<string> =>
  succeeded(await world.cli(['token', 'ngc', ...words])).stdout.trim();

describe('an access token', () => {
  it('comes out alone, is what the API takes, and needs no second sign-in after a restart', async () => {
    const world = await signedInIssuerWorld();
    const { stdout, stderr } = succeeded(await world.cli(['token', 'ngc']));
    const token = stdout.trim();
    expect([stdout, stderr]).toEqual([`${token}\n`, '']);
    expect(await apiStatus(world, token)).toBe(200);
    await world.daemon.kill('SIGKILL');
    await world.start();
    expect(await printed(world)).toBe(token);
    expect(world.emulator.journal.calls('IssuerAuthorize')).toHaveLength(1);
    expect(refreshes(world)).toBe(0);
    expect(world.logText()).not.toContain(token);
  });

  it('is the same on the data plane, for a grant that opens everything', async () => {
    const world = await signedInIssuerWorld();
    const token = await printed(world);
    const call = await dataPlane(world);
    const { status, body } = await call(await world.grant());
    expect([status, body]).toEqual([
      200,
      { access_token: token, token_type: 'Bearer', expires_at: expect.stringMatching(/^\d{4}-.*:\d\dZ$/) },
    ]);
    const scoped = { label: 'x', kind: 'session', profiles: ['dev'], lifetimeMs: null } as const;
    const { token: narrow } = await world.client.issueGrant(scoped);
    expect(await call(narrow)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(world.logText()).not.toContain(token);
  });

  it('is refreshed before its end, once for all who ask for more life than is left', async () => {
    const world = await signedInIssuerWorld();
    const first = await printed(world);
    const grant = await world.grant();
    const call = await dataPlane(world);
    const asked = Array.from({ length: 20 }, () => call(grant, { 'x-credbroker-min-life': '3601' }));
    const tokens = new Set((await Promise.all(asked)).map(({ body }) => body.access_token));
    expect(tokens.size).toBe(1);
    const [next = ''] = tokens;
    expect(next).not.toBe(first);
    expect(await apiStatus(world, next)).toBe(200);
    expect(refreshes(world)).toBe(1);
  });

  it('that works is handed out while the issuer cannot be reached', async () => {
    const world = await signedInIssuerWorld();
    const token = await printed(world);
    world.emulator.faults.add('IssuerToken', { kind: 'badGateway' });
    expect(await printed(world, '--min-life', '2h')).toBe(token);
    expect(refreshes(world)).toBeGreaterThan(0);
  });

  it('that has ended and whose refresh the issuer refuses is one line that names the command', async () => {
    const world = await signedInIssuerWorld({ knobs: { accessTokenLifeMs: 20_000 } });
    world.emulator.issuer.people.forgetRefreshTokens();
    const message = 'Session "ngc" has expired. Run: credbroker login ngc';
    expect(await world.cli(['token', 'ngc'])).toMatchObject({
      ...{ status: 3, stdout: '' },
      stderr: `credbroker: ${message}\n`,
    });
    const call = await dataPlane(world);
    expect(await call(await world.grant())).toMatchObject({ status: 403, body: { message } });
    expect(refreshes(world)).toBe(1);
    expect(world.emulator.journal.calls('IssuerAuthorize')).toHaveLength(1);
  });

  it('that somebody made and piped in is kept as it is, without a refresh token', async () => {
    const issued = await signedInIssuerWorld();
    const token = await printed(issued);
    const world = await issuerWorld({ keys: ', flow: token' });
    const login = `printf '%s\\n' "$0" | "$1" "$2" login ngc --token`;
    const { stderr } = succeeded(await ranTo(['sh', '-c', login, token, ...credbroker()], world.env));
    expect(stderr).toContain('\nNo refresh token came with it. When it ends, run: credbroker login ngc --token\n');
    expect(await printed(world)).toBe(token);
    const { sessions } = await world.client.status();
    expect(sessions.find(({ name }) => name === 'ngc')).toMatchObject({ refreshable: false, state: 'active' });
    expect(world.emulator.journal.calls('IssuerAuthorize')).toEqual([]);
  });
});
