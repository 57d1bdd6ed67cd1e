import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionView } from '../../src/core/views.ts';
import { type CliWorld, cliWorld, noon } from '../support/cli-world.ts';
import { type FakeAnswer, issued, loginRouteOf, processDocument, profile, session } from '../support/fake-daemon.ts';

const minutes = (count: number): number => count * 60_000;
const route = 'POST /v1/profiles/dev/issue';
const loginRoute = loginRouteOf('work');
const signedIn = { event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' };
const expired = { code: 'LoginRequired', message: 'Session "work" has expired. Run: credbroker login work' };

const fourHours = { ...processDocument, AccountId: '111122223333', Expiration: '2026-11-21T16:00:00Z' };
const done: FakeAnswer = { lines: [{ ...issued, expiresAt: fourHours.Expiration, document: fourHours }] };
const unanswered = { justification: null, ticketType: null, ticketId: null, otp: null };
const section = `[dev]
aws_access_key_id = ASIAEXAMPLEEXAMPLE12
aws_secret_access_key = secret/with+signs
aws_session_token = token
region = eu-west-1
`;

/** Whose credentials live for four hours. */
async function checkoutWorld(): Promise<CliWorld> {
  const world = await cliWorld();
  world.daemon.answer(route, done);
  return world;
}

const credentialsFile = ({ home }: CliWorld): string => join(home, '.aws', 'credentials');
const credentials = (world: CliWorld): string => readFileSync(credentialsFile(world), 'utf8');
const stateFile = ({ home }: CliWorld): string => join(home, 'state', 'checkouts', 'dev.json');
/** What was asked of the daemon since, but for its status. */
const asked = ({ daemon }: CliWorld): readonly string[] => daemon.routes().filter((one) => one !== 'GET /v1/status');

describe('checkout', () => {
  it('writes the section named after the profile, and says for how long it is good', async () => {
    const world = await checkoutWorld();
    expect(await world.cli('checkout dev')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Checked out dev (expires in 4h)\n',
    });
    expect(credentials(world)).toBe(section);
    expect(statSync(credentialsFile(world)).mode & 0o777).toBe(0o600);
    expect(world.daemon.calls).toEqual([
      { route: 'GET /v1/status', body: null },
      { route, body: { as: 'credentials', force: false, answers: unanswered } },
    ]);
  });

  it('leaves everything else in the file alone', async () => {
    const world = await checkoutWorld();
    mkdirSync(join(world.home, '.aws'));
    const others = '# mine\n[default]\naws_access_key_id=AKIA\n\n[dev]\n# note\noutput = json\n';
    writeFileSync(credentialsFile(world), others);
    await world.cli('checkout dev');
    expect(credentials(world)).toContain('# mine\n[default]\naws_access_key_id=AKIA\n\n[dev]\n');
    expect(credentials(world)).toContain('# note\noutput = json\n');
    expect(credentials(world)).toContain('aws_access_key_id = ASIAEXAMPLEEXAMPLE12\n');
  });

  it("writes where the caller's environment has the file", async () => {
    const world = await checkoutWorld();
    const file = join(world.home, 'elsewhere', 'keys');
    await world.cli('checkout dev', { env: { AWS_SHARED_CREDENTIALS_FILE: file } });
    expect(readFileSync(file, 'utf8')).toBe(section);
    expect(existsSync(credentialsFile(world))).toBe(false);
  });

  it('keeps a state file with the documented fields and no secret', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev', { now: noon + 123 });
    const text = readFileSync(stateFile(world), 'utf8');
    expect(JSON.parse(text)).toEqual({
      alias: 'dev',
      transactionId: null,
      checkedOutAt: '2026-11-21T12:00:00Z',
      expiresAt: '2026-11-21T16:00:00Z',
      target: expect.stringContaining('https://example.awsapps.com/start'),
      awsProfile: 'dev',
      accessKeyIdHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      region: 'eu-west-1',
    });
    for (const secret of [fourHours.AccessKeyId, fourHours.SecretAccessKey]) expect(text).not.toContain(secret);
  });

  it('leaves neither section nor state behind when there are no credentials', async () => {
    const world = await cliWorld();
    const body = { code: 'AccessDenied', message: 'You may not use "dev"' };
    world.daemon.answer(route, { status: 403, body });
    expect(await world.cli('checkout dev')).toEqual({
      status: 4,
      stdout: '',
      stderr: 'credbroker: You may not use "dev"\n',
    });
    expect(existsSync(credentialsFile(world))).toBe(false);
    expect(existsSync(stateFile(world))).toBe(false);
  });

  it('asks nothing for a profile that is not there', async () => {
    const world = await checkoutWorld();
    const { status, stderr } = await world.cli('checkout dve');
    expect([status, asked(world).includes(route)]).toEqual([2, false]);
    expect(stderr).toContain('No profile "dve"');
  });
});

describe('a section with keys of the person', () => {
  const own = '[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = mine\nregion = eu-west-1\n';

  async function ownWorld(text: string): Promise<CliWorld> {
    const world = await checkoutWorld();
    mkdirSync(join(world.home, '.aws'));
    writeFileSync(credentialsFile(world), text);
    return world;
  }

  it.each(['', ' --force'])('is refused before anything is checked out: "checkout dev%s"', async (flag) => {
    const world = await ownWorld(own);
    expect(await world.cli(`checkout dev${flag}`)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        `credbroker: Section "dev" of "${credentialsFile(world)}" holds long-lived keys that would be lost. ` +
        'Rename that section, or run: credbroker checkout dev -o env\n',
    });
    expect(asked(world)).toEqual([]);
    expect(credentials(world)).toBe(own);
    expect(existsSync(stateFile(world))).toBe(false);
  });

  it('is refused also where they came while the checkout was made', async () => {
    const world = await checkoutWorld();
    mkdirSync(join(world.home, '.aws'));
    world.daemon.onCall = () => {
      if (world.daemon.routes().at(-1) === route) writeFileSync(credentialsFile(world), own);
    };
    expect((await world.cli('checkout dev')).stderr).toContain('long-lived keys');
    expect(credentials(world)).toBe(own);
  });

  it('does not stand in the way of what is printed', async () => {
    const world = await ownWorld(own);
    expect((await world.cli('checkout dev -o env')).status).toBe(0);
  });

  it.each([
    ['keys with a session token, which end by themselves', `${own}aws_session_token = t\n`],
    ['keys with a token by its old name', `${own}aws_security_token = t\n`],
    ['no keys', '[dev]\noutput = json\n'],
    ['keys of another section', own.replace('dev', 'prod')],
  ])('is another thing than %s', async (_, text) => {
    const world = await ownWorld(text);
    expect((await world.cli('checkout dev')).status).toBe(0);
    expect(credentials(world)).toContain('aws_access_key_id = ASIAEXAMPLEEXAMPLE12\n');
  });
});

describe('skip-if-fresh', () => {
  it('says how long it still holds, and asks for nothing', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    const before = asked(world).length;
    expect(await world.cli('checkout dev', { now: noon + minutes(13) })).toEqual({
      status: 0,
      stdout: '',
      stderr: 'dev is already checked out (expires in 3h 47m)\n',
    });
    expect(asked(world)).toHaveLength(before);
  });

  it.each([
    ['a second more than five minutes', minutes(5) + 1_000, 1],
    ['five minutes', minutes(5), 2],
    ['a second less', minutes(5) - 1_000, 2],
  ])('with %s left', async (_, left, checkouts) => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    await world.cli('checkout dev', { now: Date.parse(fourHours.Expiration) - left });
    expect(asked(world)).toHaveLength(checkouts);
  });

  it.each<[string, (world: CliWorld) => void]>([
    ['the section is gone', (world) => writeFileSync(credentialsFile(world), '')],
    ['the file is gone', (world) => rmSync(credentialsFile(world))],
    ['other keys stand there', (world) => writeFileSync(credentialsFile(world), section.replace('ASIA', 'AKIA'))],
    ['the state file is torn', (world) => writeFileSync(stateFile(world), '{"alias":')],
    [
      'the profile means another role now',
      ({ daemon }) => {
        daemon.status = { ...daemon.status, profiles: [profile('dev', { roleName: 'Admin' })] };
      },
    ],
    [
      'the session is another portal now',
      ({ daemon }) => {
        daemon.status = { ...daemon.status, sessions: [session('work', { startUrl: 'https://other/start' })] };
      },
    ],
  ])('does not when %s', async (_, change) => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    change(world);
    const { stderr } = await world.cli('checkout dev');
    expect(stderr).toBe('Checked out dev (expires in 4h)\n');
    expect(asked(world)).toEqual([route, route]);
    expect(credentials(world)).toBe(section);
  });

  it.each(['--force', '-f'])('is passed over by %s, which has the daemon ask anew in one request', async (flag) => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    const { stderr } = await world.cli(`checkout dev ${flag}`);
    expect(stderr).toBe('Checked out dev (expires in 4h)\n');
    expect(asked(world)).toEqual([route, route]);
    expect(world.daemon.calls.at(-1)?.body).toMatchObject({ as: 'credentials', force: true });
  });

  it('outlives a logout, which keeps the state files and the sections', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    await world.cli('logout work');
    expect(existsSync(stateFile(world))).toBe(true);
    expect(credentials(world)).toBe(section);
    expect((await world.cli('checkout dev')).stderr).toBe('dev is already checked out (expires in 4h)\n');
  });
});

describe('keys that are revoked', () => {
  const revoking = { event: 'progress', name: 'checkin.wait', detail: null };
  const denial = { event: 'failed', code: 'AccessDenied', message: 'You may not use "dev"' };
  const fresh = 'Checked out dev (expires in 4h)\n';

  it('are forgotten as soon as they are, whatever becomes of the checkout', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    world.daemon.answer(route, { lines: [revoking, denial] });
    expect((await world.cli('checkout dev -o json --force')).status).toBe(4);
    expect([credentials(world), existsSync(stateFile(world))]).toEqual(['', false]);
    world.daemon.answer(route, done);
    expect((await world.cli('checkout dev')).stderr).toBe(fresh);
  });

  it('are forgotten though the person interrupts it', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    world.daemon.answer(route, { lines: [revoking], end: new Promise<void>(() => {}) });
    const signals = new EventEmitter();
    const written = (text: string) => {
      if (text.includes('Giving back')) signals.emit('SIGINT', 'SIGINT');
    };
    expect((await world.cli('checkout dev --force', { signals, written })).status).toBe(130);
    expect([credentials(world), existsSync(stateFile(world))]).toEqual(['', false]);
  });

  it('leave alone what others wrote into the section', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    const theirs = section.replace('ASIA', 'AKIA');
    writeFileSync(credentialsFile(world), theirs);
    world.daemon.answer(route, { lines: [revoking, denial] });
    await world.cli('checkout dev -o json --force');
    expect([credentials(world), existsSync(stateFile(world))]).toEqual([theirs, false]);
  });

  it('are not those of a console', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    world.daemon.answer(route, { lines: [revoking, denial] });
    await world.cli('checkout dev --console --print-url');
    expect([credentials(world), existsSync(stateFile(world))]).toEqual([section, true]);
  });

  it.each([
    ['txn-1', 'dev is already checked out (expires in 4h)\n'],
    ['txn-2', fresh],
    [null, 'dev is already checked out (expires in 4h)\n'],
  ])('are not taken for fresh where the daemon holds another checkout: "%s"', async (transaction, expected) => {
    const world = await checkoutWorld();
    const line = { ...issued, transaction: 'txn-1', expiresAt: fourHours.Expiration, document: fourHours };
    world.daemon.answer(route, { lines: [line] });
    await world.cli('checkout dev');
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev', { transaction })] };
    expect((await world.cli('checkout dev')).stderr).toBe(expected);
  });
});

describe('a daemon that stops during a checkout', () => {
  it('leaves the person with the same checkout to run again', async () => {
    const world = await checkoutWorld();
    world.daemon.answer(route, { lines: [{ event: 'progress', name: 'approval.waiting', detail: null }] });
    const { status, stderr } = await world.cli('checkout dev');
    expect([status, stderr]).toEqual([
      6,
      'Waiting for an approval\ncredbroker: The daemon stopped meanwhile. Run the same checkout again\n',
    ]);
  });
});

describe('a clock that is wrong', () => {
  const twoHours = 2 * 60 * minutes(1);
  const withOffset = ({ daemon }: CliWorld, clockOffsetMs: number): void => {
    daemon.status = { ...daemon.status, daemon: { ...daemon.status.daemon, clockOffsetMs } };
  };

  it("counts for nothing: what is left is left by the servers' clocks", async () => {
    const world = await checkoutWorld();
    withOffset(world, twoHours);
    const warning = "Your clock is 2h behind the servers'. Set it right\n";
    expect((await world.cli('checkout dev')).stderr).toBe(`Checked out dev (expires in 2h)\n${warning}`);
    expect((await world.cli('checkout dev')).stderr).toBe('dev is already checked out (expires in 2h)\n');
    const late = { now: noon + minutes(116) };
    expect((await world.cli('checkout dev', late)).stderr).toMatch(/^Checked out dev \(expires in 4m\)\n/);
  });

  it.each([
    [60_000, ''],
    [60_001, "Your clock is 1m behind the servers'. Set it right"],
    [-60_000, ''],
    [-twoHours + 1_000, "Your clock is 2h ahead of the servers'. Set it right"],
  ])('is told by status where it is far off: %i ms', async (offset, warning) => {
    const world = await checkoutWorld();
    withOffset(world, offset);
    const { stdout } = await world.cli('status');
    expect(stdout.match(/^Your clock .*$/m)?.[0] ?? '').toBe(warning);
  });
});

describe('checkout -o', () => {
  it.each([
    ['env', "export AWS_ACCESS_KEY_ID='ASIAEXAMPLEEXAMPLE12'\n"],
    ['fish', "set -gx AWS_ACCESS_KEY_ID 'ASIAEXAMPLEEXAMPLE12'\n"],
    ['powershell', "$env:AWS_ACCESS_KEY_ID = 'ASIAEXAMPLEEXAMPLE12'\n"],
    ['json', '"accessKeyId": "ASIAEXAMPLEEXAMPLE12"'],
    ['process', '{"Version":1,"AccessKeyId":"ASIAEXAMPLEEXAMPLE12"'],
  ])('%s prints the payload alone, writes nothing and never skips', async (format, payload) => {
    const world = await checkoutWorld();
    for (const count of [1, 2]) {
      const { status, stdout, stderr } = await world.cli(`checkout dev -o ${format}`);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(payload);
      expect(asked(world)).toHaveLength(count);
    }
    expect(existsSync(credentialsFile(world))).toBe(false);
    expect(readdirSync(join(world.home, 'state'))).toEqual(['run']);
  });

  it('asks although the section is fresh', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    expect(JSON.parse((await world.cli('checkout dev --output process')).stdout)).toEqual(fourHours);
    expect(asked(world)).toEqual([route, route]);
  });

  it('refuses a form there is none of', async () => {
    const world = await checkoutWorld();
    const { status, stderr } = await world.cli('checkout dev -o toml');
    expect([status, world.daemon.calls]).toEqual([2, []]);
    expect(stderr).toContain('awscreds, env, process, json, powershell, fish');
  });
});

describe('a sign-in that checkout needs', () => {
  const announcement = 'Session expired -- re-authenticating...\n';

  /** With nothing held that would do without. */
  function needsSignIn({ daemon }: CliWorld, changes: Partial<SessionView> = {}): void {
    const sessions = [session('work', { state: 'login-required', ...changes })];
    daemon.status = { ...daemon.status, sessions, profiles: [profile('dev', { state: 'empty' })] };
  }

  it('happens in the terminal, announced once, and the checkout goes on', async () => {
    const world = await checkoutWorld();
    needsSignIn(world);
    world.daemon.answer(loginRoute, { lines: [signedIn] });
    const { status, stdout, stderr } = await world.cli('checkout dev', { tty: true });
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr.split(announcement)).toHaveLength(2);
    expect(stderr.indexOf(announcement)).toBe(0);
    expect(stderr.indexOf('Signed in to "work"')).toBeGreaterThan(0);
    expect(stderr).toMatch(/Checked out dev \(expires in 4h\)\n$/);
    expect(asked(world)).toEqual([loginRoute, route]);
  });

  it('is announced although only the checkout shows that it is needed', async () => {
    const world = await checkoutWorld();
    world.daemon.answer(route, { status: 403, body: expired });
    world.daemon.answer(loginRoute, { lines: [signedIn] });
    world.daemon.onCall = () => {
      if (asked(world).at(-1) === loginRoute) world.daemon.answer(route, done);
    };
    const { status, stderr } = await world.cli('checkout dev', { tty: true });
    expect(status).toBe(0);
    expect(stderr.split(announcement)).toHaveLength(2);
    expect(asked(world)).toEqual([route, loginRoute, route]);
  });

  it('is asked for once, though the checkout be refused after it', async () => {
    const world = await checkoutWorld();
    needsSignIn(world);
    world.daemon.answer(route, { status: 403, body: expired });
    world.daemon.answer(loginRoute, { lines: [signedIn] });
    const { status, stderr } = await world.cli('checkout dev', { tty: true });
    expect(status).toBe(3);
    expect(stderr.split(announcement)).toHaveLength(2);
    expect(asked(world)).toEqual([loginRoute, route]);
  });

  it('is left to the person where a token was made for it, which no browser renews', async () => {
    const world = await checkoutWorld();
    needsSignIn(world, { window: { heldBack: 'by-token', until: null, lookedAt: null } });
    world.daemon.answer(route, { status: 403, body: expired });
    const { status, stderr } = await world.cli('checkout dev', { tty: true });
    expect([status, stderr]).toEqual([3, `credbroker: ${expired.message}\n`]);
    expect(asked(world)).toEqual([route]);
  });

  it('is not called an expiry where nobody has signed in before', async () => {
    const world = await checkoutWorld();
    needsSignIn(world, { state: 'signed-out', expiresAt: null });
    world.daemon.answer(loginRoute, { lines: [signedIn] });
    const { status, stderr } = await world.cli('checkout dev', { tty: true });
    expect(status).toBe(0);
    expect(stderr).not.toContain('expired');
    expect(stderr).toContain('Signed in to "work"');
  });

  it('ends without a terminal in status 3 with the command to run', async () => {
    const world = await checkoutWorld();
    world.daemon.answer(route, { status: 403, body: expired });
    expect(await world.cli('checkout dev')).toEqual({
      status: 3,
      stdout: '',
      stderr: `credbroker: ${expired.message}\n`,
    });
    expect(asked(world)).toEqual([route]);
  });

  it('that a fresh section does not need does not happen', async () => {
    const world = await checkoutWorld();
    await world.cli('checkout dev');
    needsSignIn(world);
    const { stderr } = await world.cli('checkout dev', { tty: true });
    expect(stderr).toBe('dev is already checked out (expires in 4h)\n');
  });

  it.each([
    ['', [route]],
    [' --force', [loginRoute, route]],
  ])('is passed over where the daemon holds credentials, but for --force: "checkout dev%s"', async (flag, calls) => {
    const world = await checkoutWorld();
    needsSignIn(world);
    world.daemon.status = { ...world.daemon.status, profiles: [profile('dev', { state: 'fresh' })] };
    world.daemon.answer(loginRoute, { lines: [signedIn] });
    expect((await world.cli(`checkout dev${flag}`, { tty: true })).status).toBe(0);
    expect(asked(world)).toEqual(calls);
  });
});
