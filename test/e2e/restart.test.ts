/** What outlives the broker's process, and who may take its place. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environmentOf, succeeded } from '../support/container-clients.ts';
import { freePort } from '../support/free-port.ts';
import { live, prepared, rolesLive } from '../support/live.ts';
import { exchange, RawConnection, requestOf } from '../support/raw-http.ts';
import { botocores } from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';
import { pythonLoop, SigningLoop } from '../support/signing-loop.ts';

describe.each(['SIGTERM', 'SIGKILL'] as const)('after %s', (signal) => {
  it('a new broker has the same port, grants and session', async () => {
    const world = await live({ port: await freePort() });
    const token = await world.grant();
    expect((await world.ask('dev', token)).status).toBe(200);
    const before = await world.client.status();
    await world.daemon.kill(signal);
    await world.start();
    const after = await world.client.status();
    expect(after.daemon.url).toBe(before.daemon.url);
    expect(after.daemon.pid).not.toBe(before.daemon.pid);
    expect((await world.ask('dev', token)).status).toBe(200);
    expect(after.storage).toBe(before.storage);
    expect(world.emulator.journal.calls('Authorize')).toHaveLength(1);
  });

  it('a running program goes on without an error (46)', async (test) => {
    const client = botocores.at(-1) ?? cannotRun(test, 'no botocore found');
    // With a life this short each signature asks for credentials.
    const world = await live({ port: await freePort(), knobs: rolesLive(60_000) });
    const env = { ...environmentOf({ client }, world.emulator), ...(await world.variables('dev')) };
    const loop = new SigningLoop(pythonLoop(client.command), env);
    await loop.signs(3);
    const ended = await world.daemon.kill(signal);
    expect(ended.signal ?? ended.status).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 0);
    await world.start();
    await loop.signs(3);
    expect(loop.stderr).toBe('');
    expect(new Set(loop.keys).size).toBe(2);
  });
});

describe('a second broker', () => {
  it('leaves with one sentence, and the first serves on', async () => {
    const world = await live();
    const token = await world.grant();
    const { status, stdout, stderr } = await world.cli(['serve']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(complaint(stderr)).toBe(
      `credbroker: The daemon is already running (pid ${world.daemon.pid}). Run: credbroker status`,
    );
    expect((await world.ask('dev', token)).status).toBe(200);
  });

  it('names the program that holds its port', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const world = await prepared({ port });
    const { status, stderr } = await world.cli(['serve']);
    expect(status).toBe(1);
    const who = process.platform === 'linux' ? `"[^"]+" \\(pid ${process.pid}\\)` : 'another program';
    expect(complaint(stderr)).toMatch(
      new RegExp(`^credbroker: Port ${port} is held by ${who}\\. Stop it, or set listen\\.port$`),
    );
    const started = await world.cli(['start']);
    expect({ ...started, stderr: complaint(started.stderr) }).toMatchObject({ status: 6, stdout: '' });
    expect(started.stderr).toContain(`Port ${port} is held by`);
  });
});

/** Without the warnings that root and old versions of Node get. */
const complaint = (stderr: string): string => stderr.trim().split('\n').at(-1) ?? '';

describe('the commands', () => {
  it('start, show, restart and stop a broker in the background, which keeps its grants', async () => {
    const world = await prepared({ port: await freePort() });
    const started = succeeded(await world.cli(['start']));
    const first = await world.client.status();
    // The daemon's own warnings (an old Node, root) come first.
    expect(started.stderr.split('\n').at(-2)).toBe(
      `The daemon runs now at ${first.daemon.url}, process ${first.daemon.pid}`,
    );
    expect((await world.cli(['start'])).stderr).toBe(
      `The daemon was running already at ${first.daemon.url}, process ${first.daemon.pid}\n`,
    );
    await world.signIn();
    const token = await world.grant();
    const shown = JSON.parse(succeeded(await world.cli(['status', '--json'])).stdout);
    expect(shown.sessions[0]).toMatchObject({ name: 'emulated', state: 'active' });
    succeeded(await world.cli(['restart']));
    const second = await world.client.status();
    expect(second.daemon).toMatchObject({ url: first.daemon.url });
    expect(second.daemon.pid).not.toBe(first.daemon.pid);
    expect((await world.ask('dev', token)).status).toBe(200);
    expect((await world.cli(['stop'])).stderr).toBe('The daemon has stopped\n');
    await expect(world.client.status()).rejects.toThrow('The daemon is not running');
    expect((await world.cli(['stop'])).stderr).toBe('The daemon was not running\n');
    expect(await world.cli(['status', '--no-start'])).toMatchObject({
      status: 6,
      stderr: 'credbroker: The daemon is not running. Run: credbroker start\n',
    });
  });

  it('start the broker when they need it', async () => {
    const world = await prepared();
    const { status, stdout, stderr } = await world.cli(['status']);
    const { daemon } = await world.client.status();
    expect({ status, stderr }).toEqual({ status: 0, stderr: `Started the daemon at ${daemon.url}\n` });
    expect(stdout).toContain('emulated');
  });
});

describe('a graceful stop', () => {
  it('delivers the answer that is under way, and opens no connection any more', async () => {
    const world = await live();
    const token = await world.grant();
    const held = world.emulator.faults.add('GetRoleCredentials', { kind: 'hold' });
    const { port } = new URL((await world.client.status()).daemon.url);
    const asking = new RawConnection({ port: Number(port) }).send(
      requestOf('GET /credentials/dev HTTP/1.1', [
        ['Host', '127.0.0.1'],
        ['User-Agent', 'Go-http-client/1.1'],
        ['Authorization', token],
      ]),
    );
    onTestFinished(() => asking.destroy());
    await world.emulator.journal.waitFor(({ fault }) => fault === 'hold');
    const ended = world.daemon.kill('SIGTERM');
    await closedTo(Number(port));
    held.release();
    const { status, body } = await asking.answer();
    expect([status, JSON.parse(body).Code]).toEqual([200, 'Success']);
    expect(await ended).toMatchObject({ status: 0, signal: null });
    expect(world.log().at(-1)?.msg).toBe('stopped');
  });
});

/** Resolves once nobody listens there any more. */
async function closedTo(port: number): Promise<void> {
  const probe = requestOf('GET /healthz HTTP/1.1', [
    ['Host', '127.0.0.1'],
    ['Connection', 'close'],
  ]);
  while (
    await exchange({ port }, probe).then(
      () => true,
      () => false,
    )
  );
}
