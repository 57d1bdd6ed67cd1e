import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import { cliWorld } from '../support/cli-world.ts';

describe('serve', () => {
  it('passes on what the daemon says', async () => {
    const { cli } = await cliWorld();
    expect(await cli('serve')).toEqual({ status: 0, stdout: '', stderr: 'Listening on http://127.0.0.1:9911\n' });
  });

  it('leads to the daemon that runs already', async () => {
    const { cli } = await cliWorld();
    const serve = async () => {
      throw new BrokerError('AlreadyRunning', 'The daemon is already running (pid 7). To end it, run: credbroker stop');
    };
    const stderr = 'credbroker: The daemon is already running (pid 7). Run: credbroker status\n';
    expect(await cli('serve', { serve })).toEqual({ status: 1, stdout: '', stderr });
  });
});
