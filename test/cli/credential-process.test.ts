import { describe, expect, it } from 'vitest';
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
