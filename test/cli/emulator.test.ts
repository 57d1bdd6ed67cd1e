import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, get } from '../../src/cli/loopback-http.ts';
import { cliWorld, type Transcript } from '../support/cli-world.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Visit {
  readonly transcript: Transcript;
  /** What each request to the portal was answered with. */
  readonly statuses: readonly number[];
  readonly config: { readonly path: string; readonly text: string };
}

/** Runs the emulator, asks its portal a few times, and presses Ctrl-C. */
async function visit(words: readonly string[], requests: number): Promise<Visit> {
  const { cli } = await cliWorld();
  const signals = new EventEmitter();
  const agent = new Agent();
  const statuses: number[] = [];
  let config = { path: '', text: '' };
  const look = async (text: string): Promise<void> => {
    const exported = (name: string) => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(text)?.[1] ?? '';
    const path = exported('AWS_CONFIG_FILE');
    config = { path, text: readFileSync(path, 'utf8') };
    for (let asked = 0; asked < requests; asked++) {
      const url = `${exported('AWS_ENDPOINT_URL_SSO')}/assignment/accounts`;
      statuses.push((await ask(get(url, agent))).status);
    }
    signals.emit('SIGINT', 'SIGINT');
  };
  const written = (text: string) => {
    if (text.endsWith('until Ctrl-C\n')) void look(text);
  };
  const transcript = await cli(['emulator', ...words], { signals, written });
  return { transcript, statuses, config };
}

describe('emulator', () => {
  it('prints how to reach it, stays until Ctrl-C and leaves nothing behind', async () => {
    const { transcript, statuses, config } = await visit([], 1);
    expect(transcript.stdout).toMatch(
      /^export AWS_ENDPOINT_URL_SSO_OIDC='http:\/\/127\.0\.0\.1:\d+\/oidc'\n(export \w+='[^']+'\n)+$/,
    );
    expect(transcript.stderr).toMatch(
      /^A session with "baseUrl: (http:\/\/127\.0\.0\.1:\d+)" reaches the emulated Britive tenant\nThe emulated upstreams listen at \1 until Ctrl-C\n$/,
    );
    expect(transcript.status).toBe(0);
    expect(statuses).toEqual([401]);
    expect(config.text).toContain('[sso-session emulated]');
    expect(existsSync(config.path)).toBe(false);
  });

  it('plays the faults of the file, each as often as it says', async () => {
    const file = join(tempDir(), 'faults.json');
    const fault = { kind: 'status', status: 503 };
    writeFileSync(file, JSON.stringify([{ operation: 'ListAccounts', fault, times: 2 }]));
    expect((await visit(['--faults', file], 3)).statuses).toEqual([503, 503, 401]);
  });

  it.each([
    ['no JSON', 'x', ' cannot be read: '],
    ['no list', '{}', ' must hold a JSON list of faults'],
    ['an unknown operation', '[{"operation":"Nope","fault":{"kind":"badGateway"}}]', ', fault 1: "operation" must'],
    ['an unknown kind', '[{"operation":"*","fault":{"kind":"hold"}}]', ', fault 1: "fault" needs a "kind": status, '],
    ['a status without a number', '[{"operation":"*","fault":{"kind":"status"}}]', ', fault 1: "fault" needs'],
    ['a delay without a time', '[{"operation":"*","fault":{"kind":"delay"}}]', ', fault 1: "fault" needs'],
    ['no count', '[{"operation":"*","fault":{"kind":"badGateway"},"times":0}]', ', fault 1: "times" must be'],
  ])('refuses a faults file with %s', async (_, text, complaint) => {
    const file = join(tempDir(), 'faults.json');
    writeFileSync(file, text);
    const { cli } = await cliWorld();
    const { status, stdout, stderr } = await cli(['emulator', '--faults', file]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`credbroker: "${file}"${complaint}`);
  });

  it('names a faults file that does not exist', async () => {
    const { cli } = await cliWorld();
    expect(await cli('emulator --faults /no/such/file')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: There is no file "/no/such/file". Give --faults a JSON list of faults\n',
    });
  });

  it('says which port is in use', async () => {
    const { cli } = await cliWorld();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : null;
    expect(await cli(`emulator --port ${port}`)).toEqual({
      status: 1,
      stdout: '',
      stderr: `credbroker: Port ${port} is in use. Choose another one with --port\n`,
    });
  });

  it.each(['x', '65536', '-1', ''])('refuses the port %j', async (port) => {
    const { cli } = await cliWorld();
    const { status, stderr } = await cli(['emulator', `--port=${port}`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/It takes a number from 0 to 65535\. Run: credbroker emulator --help\n$/);
  });
});
