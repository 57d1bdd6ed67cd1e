import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliWorld } from '../support/cli-world.ts';

describe('restart', () => {
  it('leaves the running daemon alone when its successor would refuse the configuration', async () => {
    const { cli, daemon, home } = await cliWorld();
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'login: never\n');
    const { status, stdout, stderr } = await cli('restart', { env: { CREDBROKER_CONFIG: config } });
    expect([status, stdout, daemon.calls]).toEqual([2, '', []]);
    expect(stderr.startsWith(`credbroker: ${config}:1 login: `)).toBe(true);
  });

  it('finds fault with the environment too', async () => {
    const { cli, daemon } = await cliWorld();
    expect(await cli('restart', { env: { CREDBROKER_PORT: 'abc' } })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: environment CREDBROKER_PORT: It is "abc"; it takes a port number from 0 to 65535\n',
    });
    expect(daemon.calls).toEqual([]);
  });
});
