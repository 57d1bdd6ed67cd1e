import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schema } from '../../config/schema.ts';
import { cliWorld } from '../support/cli-world.ts';

describe('config', () => {
  it('prints where config.yaml is looked for', async () => {
    const { cli, home } = await cliWorld();
    const env = { CREDBROKER_CONFIG: join(home, 'here.yaml') };
    expect(await cli('config path', { env })).toEqual({ status: 0, stdout: `${home}/here.yaml\n`, stderr: '' });
  });

  it('prints the schema', async () => {
    const { cli } = await cliWorld();
    expect(JSON.parse((await cli('config schema')).stdout)).toEqual(schema);
  });

  it('finds nothing wrong with no configuration at all', async () => {
    const { cli } = await cliWorld();
    const stderr = 'The configuration can be used\nIt has no sessions and no profiles, from no file at all\n';
    expect(await cli('config check')).toEqual({ status: 0, stdout: '', stderr });
  });

  it('prints every complaint with its file, line and key, and exits with 2', async () => {
    const { cli, home } = await cliWorld();
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'listen:\n  port: many\nlogin: never\n');
    const { status, stdout, stderr } = await cli('config check', { env: { CREDBROKER_CONFIG: config } });
    expect(stdout).toContain(`error: ${config}:2 listen.port: `);
    expect(stdout).toContain(`error: ${config}:3 login: `);
    expect(stderr).toBe('credbroker: The configuration has 2 errors and no warnings\n');
    expect(status).toBe(2);
  });

  it('exits with 0 when there are only warnings', async () => {
    const { cli, home } = await cliWorld();
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, '.aws', 'config'), '[oddity]\nregion = eu-west-1\n');
    const { status, stdout, stderr } = await cli('config check');
    expect(stderr).toBe(
      `The configuration can be used, with 1 warning\nIt has no sessions and no profiles, from "${home}/.aws/config"\n`,
    );
    expect(stdout).toContain(`warning: ${home}/.aws/config:1 oddity: `);
    expect(status).toBe(0);
  });
});
