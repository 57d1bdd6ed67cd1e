/** The demo as it is released, with a client nobody here wrote. What it prints in detail: `test/cli/demo.test.ts`. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credbroker } from '../support/built.ts';
import { type Ended, ranTo } from '../support/program.ts';
import { botocores, isAtLeast } from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';
import { requireTerminal, Terminal } from '../support/terminal.ts';

interface Demonstrated extends Ended {
  /** Files in the home and temporary directories, and processes that know of them. */
  readonly leftBehind: readonly string[];
}

async function demo(...words: readonly string[]): Promise<Demonstrated> {
  const { env, leftBehind } = emptyHome();
  const ended = await ranTo([...credbroker(), 'demo', ...words], env);
  return { ...ended, leftBehind: leftBehind() };
}

function emptyHome() {
  const directory = tempDir();
  const env = { PATH: process.env['PATH'], HOME: join(directory, 'home'), TMPDIR: join(directory, 'tmp') };
  const folders = [env.HOME, env.TMPDIR];
  for (const folder of folders) mkdirSync(folder);
  const leftBehind = () => [...folders.flatMap((folder) => readdirSync(folder)), ...processesOf(directory)];
  return { env, leftBehind };
}

/** By their environment, which a daemon of the demo cannot do without. */
function processesOf(directory: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentText(pid).includes(directory));
}

function environmentText(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // Gone meanwhile, or somebody else's.
    return '';
  }
}

const identity = `
import boto3
session = boto3.Session()
print(session.get_credentials().method, session.client('sts').get_caller_identity()['Account'])
`;

describe('demo', () => {
  it('tells its story once, and nothing is left of it', async () => {
    const { status, stdout, stderr, leftBehind } = await demo('--once');
    expect({ status, stderr, leftBehind }).toEqual({ status: 0, stderr: '', leftBehind: [] });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line.startsWith('✓ '))).toHaveLength(15);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(7)).toMatch(/^✓ Upstream down, then back +(\d+) of \1 answered, \d+ failed upstream$/);
  });

  it("exits with a program's status, and nothing is left of it", async () => {
    expect(await demo('--', 'sh', '-c', 'exit 7')).toMatchObject({ status: 7, stdout: '', stderr: '', leftBehind: [] });
  });

  it('stays for a person, who pastes a line into another shell and goes on by hand', async (test) => {
    requireTerminal(test);
    const { env, leftBehind } = emptyHome();
    const terminal = new Terminal([...credbroker(), 'demo'], { ...env, TERM: 'dumb' });
    const end = '"$AWS_CONTAINER_CREDENTIALS_FULL_URI"\n';
    await terminal.answers(end, '');
    const tries = [
      'credbroker checkout cloud-dev',
      'credbroker checkout release --ticket-type issue --ticket-id REL-1',
      'credbroker checkout break-glass --otp 000000',
    ];
    const line = `. ${join(env.TMPDIR, ...readdirSync(env.TMPDIR), 'shell')}`;
    // As a shell elsewhere has it, which does not know where we are.
    const by = { PATH: '/usr/bin:/bin', HOME: env.HOME };
    const { stderr } = await ranTo(['sh', '-euc', [line, ...tries].join('\n')], by);
    expect(stderr.replaceAll(/expires in \w+/g, 'expires')).toBe(`cloud-dev is already checked out (expires)
Checked out release (expires)
Checked out break-glass (expires)
`);
    await terminal.answers(end, '\u0003');
    const { screen } = await terminal.ended;
    for (const text of [line, ...tries]) expect(screen).toContain(`\n${text}\n`);
    expect(leftBehind()).toEqual([]);
  });

  it('leads botocore to the broker and to an STS that knows the caller', async (test) => {
    const modern = botocores.find(({ version }) => isAtLeast(version, [1, 31]));
    const client = modern ?? cannotRun(test, 'no botocore found that knows AWS_ENDPOINT_URL_STS');
    expect(await demo('--', client.command, '-c', identity)).toMatchObject({
      status: 0,
      stdout: 'container-role 111122223333\n',
      stderr: '',
      leftBehind: [],
    });
  });
});
