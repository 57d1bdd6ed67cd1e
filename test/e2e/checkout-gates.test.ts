/** A person at the command line and an emulated tenant: what is asked, what is waited for, what comes of it. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { credbroker } from '../support/built.ts';
import { succeeded } from '../support/container-clients.ts';
import type { Live } from '../support/live.ts';
import { Program } from '../support/program.ts';
import { browser, posts, signedInWorld } from '../support/tenant-live.ts';
import { requireTerminal, Terminal } from '../support/terminal.ts';

const more = `  operator: { session: acme, profile: Cloud/Production/Operator }
  takeover: { session: acme, profile: Cloud/Production/Admin }
  azure: { session: acme, profile: Directory/Contributor }
`;

async function gatedWorld(): Promise<Live> {
  const world = await signedInWorld();
  appendFileSync(world.configFile, more);
  expect(await world.client.reload()).toEqual([]);
  return world;
}

const inTerminal = (world: Live, words: readonly string[]): Terminal =>
  new Terminal([...credbroker(), ...words], { ...world.env, BROWSER: browser(world) });

const waitingFor = (world: Live, words: readonly string[]): Program =>
  new Program([...credbroker(), ...words], world.env);

const stateOf = ({ home }: Live, name: string) =>
  JSON.parse(readFileSync(join(home, 'state', 'checkouts', `${name}.json`), 'utf8'));

describe('gates in a terminal', () => {
  it('are gone through one after the other, and no password is shown', async (test) => {
    requireTerminal(test);
    const world = await gatedWorld();
    const { knobs, people } = world.emulator.britive;
    people.changeProfile('Operator', {
      needsStepUp: true,
      ticket: { connection: 'jira', types: ['issue'], ids: ['REL-1'] },
    });
    knobs.checkOrder = ['justification', 'stepUp', 'ticket'];
    const terminal = inTerminal(world, ['checkout', 'operator']);
    await terminal.answers('Justification: ', 'OPS-12: restart\n');
    await terminal.answers('One-time password (not shown): ', '482913\r');
    await terminal.answers('is not accepted\nOne-time password (not shown): ', `${knobs.otp}\r`);
    await terminal.answers('Ticket (issue): ', 'REL-1\n');
    const { status, screen } = await terminal.ended;
    expect(screen).toMatch(/Checked out operator \(expires in (4h|3h 59m)\)\n$/);
    expect(status).toBe(0);
    for (const password of ['482913', knobs.otp]) expect(screen).not.toContain(password);
  });

  it.for<readonly [string, string, number, string]>([
    [
      'Ctrl-D',
      '\u0004',
      4,
      '\ncredbroker: No justification was given. Run: credbroker checkout operator --justification "…"\n',
    ],
    ['Ctrl-C', '\u0003', 130, '\n'],
  ])('are left with %s', async ([_, key, expected, last], test) => {
    requireTerminal(test);
    const world = await gatedWorld();
    const terminal = inTerminal(world, ['checkout', 'operator']);
    await terminal.answers('Justification: ', key);
    const { status, screen } = await terminal.ended;
    expect(status).toBe(expected);
    expect(screen.endsWith(last)).toBe(true);
  });
});

describe('an approval', () => {
  it('is waited for, and used when it comes', async () => {
    const world = await gatedWorld();
    const { people } = world.emulator.britive;
    const program = waitingFor(world, ['checkout', 'takeover', '-j', 'deploy']);
    await program.says(/Waiting for an approval\n/);
    const [request = ''] = people.waitingApprovals();
    people.decideApproval(request, 'APPROVED');
    const { stderr } = succeeded(await program.ended);
    expect(stderr).toMatch(/^Asked for an approval\nWaiting for an approval\nApproved\nChecked out takeover \(.*\)\n$/);
  });

  it('that is not waited for any more is withdrawn', async () => {
    const world = await gatedWorld();
    const { journal, britive } = world.emulator;
    const program = waitingFor(world, ['checkout', 'takeover', '-j', 'deploy']);
    await program.says(/Waiting for an approval\n/);
    expect(britive.people.waitingApprovals()).toHaveLength(1);
    const { status, stderr } = await program.kill('SIGINT');
    expect([status, stderr]).toEqual([
      130,
      'Asked for an approval\nWaiting for an approval\nWithdrawing the approval request\n',
    ]);
    await journal.waitFor(({ operation, answer }) => operation === 'BritiveWithdraw' && answer !== null);
    expect(britive.people.waitingApprovals()).toEqual([]);
  });
});

describe('checkout', () => {
  it('with --force gives back what is out, says so first, and records the new transaction', async () => {
    const world = await gatedWorld();
    succeeded(await world.cli(['checkout', 'cloud-dev']));
    const first = stateOf(world, 'cloud-dev');
    const { stderr } = succeeded(await world.cli(['checkout', 'cloud-dev', '--force']));
    expect(stderr).toMatch(
      /^Giving back what is checked out, which ends keys that others may use\nChecked out cloud-dev/,
    );
    const second = stateOf(world, 'cloud-dev');
    expect(second.transactionId).not.toBe(first.transactionId);
    expect(second.target).toBe(first.target);
    expect(second.target).toContain('Cloud/Development/Developer');
    expect(posts(world)).toBe(2);
  });

  it('of what is out already says so, and asks the tenant nothing', async () => {
    const world = await gatedWorld();
    succeeded(await world.cli(['checkout', 'cloud-dev']));
    const before = world.emulator.journal.entries.length;
    const { stderr } = succeeded(await world.cli(['checkout', 'cloud-dev']));
    expect(stderr).toMatch(/^cloud-dev is already checked out \(expires in \d+m\)\n$/);
    expect(world.emulator.journal.entries).toHaveLength(before);
  });

  it('signs in again where the tenant has ended the session, and says so once', async (test) => {
    requireTerminal(test);
    const world = await gatedWorld();
    world.emulator.britive.people.endSessions();
    const runs = [];
    for (const _ of [1, 2]) runs.push(await inTerminal(world, ['checkout', 'cloud-dev', '--force']).ended);
    const [first, second] = runs.map(
      ({ screen }) => screen.split('Session expired -- re-authenticating...\n').length - 1,
    );
    expect([first, second]).toEqual([1, 0]);
    for (const { screen } of runs) expect(screen).toMatch(/Checked out cloud-dev \(expires in (1h|59m)\)\n$/);
  });

  it("prints another cloud's keys, and has no section for them", async () => {
    const world = await gatedWorld();
    const { stdout, stderr } = succeeded(await world.cli(['checkout', 'azure', '-o', 'env']));
    expect(stdout).toMatch(
      /^export AZURE_TENANT_ID='.+'\nexport AZURE_CLIENT_ID='.+'\nexport AZURE_CLIENT_SECRET='.+'\n$/,
    );
    expect(stderr).toBe('');
    expect(await world.cli(['checkout', 'azure'])).toMatchObject({
      status: 2,
      stderr:
        'credbroker: Profile "azure" has no AWS credentials for "awscreds". Run: credbroker checkout azure -o json\n',
    });
    expect(posts(world)).toBe(1);
  });

  it('with --console opens the page, and leaves its address in no log', async () => {
    const world = await gatedWorld();
    const opened = join(world.home, 'opened');
    const opener = join(world.home, 'opener.mjs');
    writeFileSync(
      opener,
      `import { renameSync, writeFileSync } from 'node:fs';
      writeFileSync('${opened}.new', process.argv[2]); renameSync('${opened}.new', '${opened}');`,
    );
    const BROWSER = `"${process.execPath}" "${opener}" %s`;
    const { stdout, stderr } = succeeded(await world.cli(['checkout', 'cloud-dev', '--console'], { BROWSER }));
    expect([stdout, stderr]).toEqual(['', 'Opened the console of cloud-dev in your browser\n']);
    await appears(opened);
    const printed = succeeded(await world.cli(['checkout', 'cloud-dev', '--console', '--print-url'])).stdout.trim();
    for (const url of [readFileSync(opened, 'utf8'), printed]) {
      expect(url).toMatch(/^https:\/\/signin\.aws\.amazon\.com\/federation\?/);
      const secret = new URL(url).searchParams.get('SigninToken') ?? '';
      expect(secret).not.toBe('');
      expect(world.logText()).not.toContain(secret);
    }
  });
});
