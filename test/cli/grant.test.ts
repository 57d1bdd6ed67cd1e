import { describe, expect, it } from 'vitest';
import { cliWorld } from '../support/cli-world.ts';

describe('grant', () => {
  it('prints the token alone on stdout', async () => {
    const { daemon, cli } = await cliWorld();
    const { status, stdout, stderr } = await cli('grant add build --profile dev prod --lifetime 8h --container');
    const id = daemon.grants[0]?.id;
    expect(stdout).toMatch(/^cb_[\w-]{43}\n$/);
    expect(stderr).toBe(`Grant "${id}" is good for 8h 0m. To end it: credbroker grant revoke ${id}\n`);
    expect(status).toBe(0);
    expect(daemon.calls.at(-1)?.body).toEqual({
      label: 'build',
      kind: 'container',
      profiles: ['dev', 'prod'],
      lifetimeMs: 8 * 3_600_000,
    });
  });

  it.each([
    ['nothing to open', 'grant add build', 'Give either --profile or --all-profiles'],
    ['both', 'grant add build --all-profiles --profile dev', 'Give either --profile or --all-profiles'],
    [
      'a lifetime nobody can read',
      'grant add build --all-profiles --lifetime soon',
      '"soon" is no duration. Write it like 90s, 15m, 8h or 7d',
    ],
  ])('refuses %s before it asks the daemon', async (_, words, message) => {
    const { daemon, cli } = await cliWorld();
    expect(await cli(words)).toEqual({ status: 2, stdout: '', stderr: `credbroker: ${message}\n` });
    expect(daemon.calls).toEqual([]);
  });

  it('lists who holds what', async () => {
    const { daemon, cli } = await cliWorld();
    const common = { createdAt: '2026-11-20T12:00:00Z', expiresAt: null, lastUsedAt: null };
    daemon.grants.push(
      { ...common, id: '00112233', label: 'env:dev', kind: 'install', profiles: ['dev'] },
      {
        ...common,
        id: '44556677',
        label: 'ci',
        kind: 'container',
        profiles: '*',
        expiresAt: '2026-11-21T14:30:00Z',
        lastUsedAt: '2026-11-21T11:59:18Z',
      },
    );
    expect((await cli('grant list')).stdout).toBe(`ID        LABEL    KIND       PROFILES  USED     ENDS
00112233  env:dev  install    dev       never    when revoked
44556677  ci       container  all       42s ago  in 2h 30m
`);
    expect(JSON.parse((await cli('grant list --json')).stdout)).toEqual(daemon.grants);
  });

  it('revokes each one that is named', async () => {
    const { daemon, cli } = await cliWorld();
    expect(await cli('grant revoke a1 b2')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Revoked the grant "a1"\nRevoked the grant "b2"\n',
    });
    expect(daemon.routes().slice(1)).toEqual(['DELETE /v1/grants/a1', 'DELETE /v1/grants/b2']);
  });
});
