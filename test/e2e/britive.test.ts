/** A profile of a Britive tenant, served by the released program like any other. */
import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { credentialsUrl } from '../../src/cli/endpoint.ts';
import { credbroker } from '../support/built.ts';
import { call } from '../support/caller.ts';
import { containerClients, environmentOf, look, succeeded } from '../support/container-clients.ts';
import { ranTo } from '../support/program.ts';
import { posts, signedInWorld, tenantWorld } from '../support/tenant-live.ts';

describe('a profile of a Britive tenant', () => {
  it.each(containerClients)('gives $name what STS accepts', async (client) => {
    const world = await signedInWorld();
    const env = { ...environmentOf(client, world.emulator), ...(await world.variables('cloud-dev')) };
    const { found, stderr } = await look(client, env);
    expect(found).toMatchObject({ method: 'container-role', arn: expect.stringContaining(':111122223333:') });
    expect(stderr).toBe('');
    expect(world.emulator.journal.calls('GetCallerIdentity').at(-1)?.answer?.status).toBe(200);
    expect(posts(world)).toBe(1);
  });

  it('is shown by status beside the others', async () => {
    const world = await signedInWorld();
    const { sessions, profiles } = await world.client.status();
    expect(sessions.find(({ name }) => name === 'acme')).toMatchObject({
      ...{ provider: 'britive', startUrl: world.emulator.britive.url, countsCheckouts: true, state: 'active' },
    });
    expect(profiles.find(({ name }) => name === 'release')).toMatchObject({ session: 'acme', roleName: 'Release' });
  });

  it('is checked out once for 200 callers who come at once and find nothing (case 14)', async () => {
    const world = await signedInWorld();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const url = credentialsUrl(await world.client.status(), 'cloud-dev');
    const token = await world.grant();
    const held = world.emulator.faults.add('BritiveCheckout', { kind: 'hold' });
    const calls = Array.from({ length: 200 }, () => call(url, token, agent));
    await Promise.all(calls.map(({ sent }) => sent));
    await world.emulator.journal.waitFor(() => posts(world) === 1);
    held.release();
    const answers = await Promise.all(calls.map(({ answered }) => answered));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(new Set(answers.map(({ keyId }) => keyId)).size).toBe(1);
    expect(posts(world)).toBe(1);
    expect(world.emulator.journal.calls('BritiveTokens')).toHaveLength(1);
  });

  it('behind a gate says at once what to run, and does not knock again for the next caller', async () => {
    const world = await signedInWorld();
    const token = await world.grant();
    const first = await world.ask('release', token);
    expect(first.status).toBe(403);
    expect(JSON.parse(first.body).message).toBe('Profile "release" needs a ticket. Run: credbroker checkout release');
    const knocks = posts(world);
    expect((await world.ask('release', token)).body).toBe(first.body);
    expect(posts(world)).toBe(knocks);
  });

  it('is not checked out a second time by a broker that starts again', async () => {
    const world = await signedInWorld();
    const token = await world.grant();
    expect((await world.ask('cloud-dev', token)).status).toBe(200);
    await world.daemon.kill('SIGKILL');
    await world.start();
    expect((await world.ask('cloud-dev', token)).status).toBe(200);
    expect(posts(world)).toBe(1);
  });

  it('is served with a token that is piped in, whose end opens no browser', async () => {
    const world = await tenantWorld();
    const { people } = world.emulator.britive;
    const apiToken = people.issueApiToken({ userName: 'dev@example.com', type: 'DEFAULT', lifeMs: 3_600_000 });
    const login = `printf '%s\\n' "$0" | "$1" "$2" login acme --token`;
    const { stderr } = succeeded(await ranTo(['sh', '-c', login, apiToken, ...credbroker()], world.env));
    expect(stderr).toContain('Signed in to "acme"\n');
    const grant = await world.grant();
    expect((await world.ask('cloud-dev', grant)).status).toBe(200);
    people.revokeApiToken(apiToken);
    await world.daemon.kill('SIGTERM');
    await world.start();
    const refused = await world.ask('release', grant);
    const why = 'the API token was revoked (AU-0016)';
    const message = `Session "acme" has ended: ${why}. Run: credbroker login acme --token`;
    expect(JSON.parse(refused.body).message).toBe(message);
    expect(world.emulator.journal.calls('BritiveLoginPage')).toEqual([]);
    expect(world.logText()).not.toContain(apiToken);
  });

  it('needs a sign-in that a program cannot do', async () => {
    const world = await tenantWorld();
    const reply = await world.ask('cloud-dev', await world.grant());
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body).message).toBe('Not signed in to "acme". Run: credbroker login acme');
  });
});
