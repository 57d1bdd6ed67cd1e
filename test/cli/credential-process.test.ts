import { describe, expect, it } from 'vitest';
import { helperEnvironment } from '../../src/adapters/helper-environment.ts';
import { cliWorld } from '../support/cli-world.ts';

describe('credential-process on a terminal', () => {
  it('shows what it waits for once that takes a second', async () => {
    const { cli, daemon } = await cliWorld();
    let shown = () => {};
    const after = new Promise<void>((resolve) => {
      shown = resolve;
    });
    daemon.answer('POST /v1/profiles/dev/checkout', { status: 200, body: {}, after });
    expect(await cli('credential-process dev', { tty: true, written: () => shown() })).toEqual({
      status: 0,
      stdout: '{}\n',
      stderr: '\r\u001b[2KWaiting for credentials of "dev" …\r\u001b[2K',
    });
  });
});

describe('credential-process in a helper program of the daemon', () => {
  it('refuses the profile that the helper is for, and asks nobody', async () => {
    const { cli, daemon } = await cliWorld();
    expect(await cli('credential-process dev', { env: helperEnvironment({}, 'dev') })).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'credbroker: Profile "dev" would wait for itself: its helper asks credbroker for "dev". Change its credential_process\n',
    });
    expect(daemon.calls).toEqual([]);
  });

  it('gives it any other profile', async () => {
    const { cli, daemon } = await cliWorld();
    const { status } = await cli('credential-process dev', { env: helperEnvironment({}, 'prod') });
    expect([status, daemon.calls.map(({ route }) => route)]).toEqual([0, ['POST /v1/profiles/dev/checkout']]);
  });
});
