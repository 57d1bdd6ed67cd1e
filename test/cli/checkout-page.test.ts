import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';

const route = 'POST /v1/profiles/dev/issue';
const url = 'https://console.example/federate?SigninToken=secret';

async function consoleWorld(address: unknown = url): Promise<CliWorld> {
  const world = await cliWorld();
  const document = { url: address };
  world.daemon.answer(route, { lines: [{ event: 'done', transaction: 'txn-1', expiresAt: null, document }] });
  return world;
}

const asked = ({ daemon }: CliWorld) => daemon.calls.filter((call) => call.route === route).map(({ body }) => body);

describe('checkout --console', () => {
  it('opens the page, and prints its address nowhere', async () => {
    const world = await consoleWorld();
    const opened = join(world.home, 'opened');
    const opener = join(world.home, 'opener');
    writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > "${opened}.new"\nmv "${opened}.new" "${opened}"\n`, {
      mode: 0o700,
    });
    expect(await world.cli('checkout dev --console', { env: { BROWSER: opener } })).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Opened the console of dev in your browser\n',
    });
    await appears(opened);
    expect(readFileSync(opened, 'utf8')).toBe(url);
    expect(asked(world)).toEqual([
      {
        as: 'console',
        force: false,
        answers: { justification: null, ticketType: null, ticketId: null, otp: null },
      },
    ]);
  });

  it('prints the address on stdout with --print-url, and opens nothing', async () => {
    const world = await consoleWorld();
    const env = { BROWSER: '/no/such/browser' };
    expect(await world.cli('checkout dev --console --print-url', { env })).toEqual({
      status: 0,
      stdout: `${url}\n`,
      stderr: '',
    });
  });

  it.each([
    ['asks for nothing where no browser could show it', {}, 0],
    ['says what to run where the browser does not start', { BROWSER: '/no/such/browser' }, 1],
  ])('%s', async (_, env, calls) => {
    const world = await consoleWorld();
    expect(await world.cli('checkout dev --console', { env })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'credbroker: No browser can be opened here. Run: credbroker checkout dev --console --print-url\n',
    });
    expect(asked(world)).toHaveLength(calls);
  });

  it.each([
    ['--console --force', '"--console" cannot be used with option "-f, --force"'],
    ['--console -o json', '"--console" cannot be used with option "-o, --output <format>"'],
    ['--print-url', '--print-url is for --console alone'],
  ])('is a wrong use with %s', async (flags, message) => {
    const world = await consoleWorld();
    const { status, stderr } = await world.cli(`checkout dev ${flags}`);
    expect([status, world.daemon.calls]).toEqual([2, []]);
    expect(stderr).toContain(message);
  });

  it.each([null, 'not an address', 'http://console.example/', 'javascript:alert(1)', 'file:///etc/passwd'])(
    'takes no %j for a page',
    async (address) => {
      const world = await consoleWorld(address);
      expect(await world.cli('checkout dev --console --print-url')).toEqual({
        status: 5,
        stdout: '',
        stderr: 'credbroker: Upstream sent no page to open. Run: credbroker status\n',
      });
    },
  );
});
