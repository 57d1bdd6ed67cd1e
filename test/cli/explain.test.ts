import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExplainView } from '../../src/core/explain-view.ts';
import { cliWorld, type Setting } from '../support/cli-world.ts';
import { explanation, profile, session } from '../support/fake-daemon.ts';

/** What `credbroker explain dev` prints where the daemon says this. */
async function explained(changes: Partial<ExplainView>, setting: Partial<Setting> = {}): Promise<string> {
  const { daemon, cli } = await cliWorld();
  daemon.answer('GET /v1/profiles/dev/explain', { status: 200, body: explanation('dev', changes) });
  const { status, stdout, stderr } = await cli('explain dev', setting);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const heldFresh = explanation('dev').held ?? expect.fail('it holds nothing');
const unreachable = 'example.awsapps.com could not be reached; it is asked again soon';
const ofSession = (changes: Partial<ExplainView['session']>): Pick<ExplainView, 'session'> => ({
  session: { ...session('work'), last: null, retryAt: null, ...changes },
});

describe('explain', () => {
  it('tells of a profile that is fresh what was decided and what comes next', async () => {
    expect(await explained({})).toBe(`✓ dev  fresh  58m remaining

Callers   get these credentials at once
Next      Renews by itself in 39m
Lead      19m before the end: at 67 % of the range from 17m to 20m
Gate      Open: upstream may be asked
Last      Asked for credentials 2m ago: it issued them
Credit    Will be renewed once more if nobody asks
Session   work: signed in, 5h 23m remaining. Refreshes by itself in 29m
          A window opens by itself when a program needs a sign-in
`);
  });

  it('tells of an outage whom it waits for, and gives each reason once', async () => {
    const why = 'example.awsapps.com has failed several times in a row; it is asked again soon';
    const text = await explained({
      state: 'due',
      held: { ...heldFresh, expiresAt: '2026-11-21T12:17:40Z' },
      next: { what: 'renewal', at: '2026-11-21T12:00:12Z' },
      gate: { whose: 'upstream', until: '2026-11-21T12:00:12Z', failures: 6, why },
      last: { at: '2026-11-21T11:59:20Z', what: 'credentials', verdict: 'transient', detail: 'timeout' },
      lastError: why,
      ...ofSession({ upstream: { state: 'open', failures: 6, retryInMs: 12_000 } }),
    });
    expect(text).toBe(`✓ dev  renewing  17m remaining

Callers   get these credentials at once
Next      Renews by itself in 12s
Lead      19m before the end: at 67 % of the range from 17m to 20m
Gate      Closed for 12s: the upstream’s pause after 6 failures
          ${why}
Last      Asked for credentials 40s ago: it gave no usable answer (timeout)
Credit    Will be renewed once more if nobody asks
Session   work: signed in, 5h 23m remaining. Refreshes by itself
          Upstream has failed 6 times in a row; asked again in 12s
          A window opens by itself when a program needs a sign-in
`);
    expect(readFileSync('docs/freshness.md', 'utf8')).toContain(`\n\`\`\`\n${text}\`\`\`\n`);
  });

  it('tells of a session that has ended why no window opens, and what to run', async () => {
    const message = 'Session "work" has expired. Run: credbroker login work';
    const text = await explained({
      ...{ state: 'spent', held: null, credit: 'spent', lastError: message },
      caller: { answer: 'refused', code: 'LoginRequired', message },
      next: { what: 'sign-in', at: null },
      ...ofSession({
        ...{ state: 'login-required', expiresAt: null, refreshable: false, next: 'Run: credbroker login work' },
        last: { at: '2026-11-21T11:57:00Z', what: 'refresh', verdict: 'rejected', detail: 'invalid_grant' },
        window: { heldBack: 'cooldown', until: '2026-11-21T12:27:00Z', lookedAt: '2026-11-21T11:57:00Z' },
      }),
    });
    expect(text).toBe(`✗ dev  expired

Callers   are told: ${message}
Next      Waits for a sign-in. Run: credbroker login work
Gate      Closed until you sign in
Last      Asked for credentials 2m ago: it issued them
Session   work: sign-in needed. Run: credbroker login work
          Asked for new tokens 3m ago: it refused the refresh token (invalid_grant)
          No window opens by itself for 27m: the last one was not finished
`);
  });

  it('tells of a profile that nobody has asked for that it waits', async () => {
    const text = await explained({
      ...{ state: 'empty', asked: false, held: null, credit: 'spent', last: null },
      caller: { answer: 'waits', for: 'upstream' },
      next: { what: 'request', at: null },
    });
    expect(text).toBe(`· dev  not used yet

Callers   wait while upstream is asked for credentials
Next      Waits for a request; nobody has asked for it since the daemon started
Gate      Open: upstream may be asked
Last      Upstream has not been asked since the daemon started
Session   work: signed in, 5h 23m remaining. Refreshes by itself in 29m
          A window opens by itself when a program needs a sign-in
`);
  });

  it('tells after a sign-out what was asked last, and that it waits for the person', async () => {
    const message = 'Signed out of "work". Run: credbroker login work';
    const text = await explained({
      ...{ state: 'empty', held: null, credit: 'spent' },
      caller: { answer: 'refused', code: 'LoginRequired', message },
      next: { what: 'sign-in', at: null },
      ...ofSession({
        ...{ state: 'signed-out', expiresAt: null, refreshable: false, next: 'Run: credbroker login work' },
        window: { heldBack: 'signed-out', until: null, lookedAt: null },
      }),
    });
    expect(text).toBe(`· dev  nothing held

Callers   are told: ${message}
Next      Waits for a sign-in. Run: credbroker login work
Gate      Closed until you sign in
Last      Asked for credentials 2m ago: it issued them
Session   work: signed out. Run: credbroker login work
          No window opens by itself: you signed out
`);
  });

  it('tells of a profile whose first attempt failed why, and of one whose first is under way nothing of the last', async () => {
    const empty = { state: 'empty', held: null } as const;
    const failed = await explained({ ...empty, lastError: unreachable });
    expect(failed).toMatch(/^✗ dev {2}failed\n/);
    expect(failed).toContain(`          ${unreachable}\n`);
    const gated = await explained({ ...empty, lastError: 'x', lastErrorCode: 'TicketRequired' });
    expect(gated).toMatch(/^! dev {2}needs a ticket\n/);
    const first = await explained({ ...empty, last: null, next: { what: 'fetching', at: '2026-11-21T12:00:14Z' } });
    expect(first).toMatch(/^· dev {2}nothing held\n/);
    expect(first).not.toContain('Last');
  });

  it('tells of a session by token that no window opens, and what to run', async () => {
    const window = { heldBack: 'by-token', until: null, lookedAt: null } as const;
    const text = await explained(ofSession({ expiresAt: null, next: 'Lasts until it is revoked', window }));
    expect(text).toContain(`
Session   work: signed in. Lasts until it is revoked
          No window opens by itself: you signed in with a token. For another one, run: credbroker login work --token
`);
  });

  it('leaves out whether a window would open while a sign-in is under way', async () => {
    const pending = { state: 'login-pending', next: 'Finish the sign-in in the browser' } as const;
    const text = await explained(ofSession({ ...pending, nextRefreshAt: '2026-11-21T12:29:30Z' }));
    expect(text).toMatch(/\nSession {3}work: sign-in under way\. Finish the sign-in in the browser\n$/);
  });

  it('says the problem of a profile that is not served', async () => {
    const problem = 'Profile "dev" assumes a role, not served yet';
    const view: Partial<ExplainView> = {
      ...{ state: 'unserved', asked: false, held: null, session: null, last: null, credit: 'never' },
      ...{ lastError: problem, next: { what: 'configuration', at: null } },
      caller: { answer: 'refused', code: 'ConfigInvalid', message: problem },
    };
    expect(await explained(view)).toBe(`✗ dev  not served

Problem   ${problem}
Next      It is served as soon as that is put right
`);
  });

  it.each<[string, Partial<ExplainView>]>([
    ['Upstream is being asked; that is given up in 14s', { next: { what: 'fetching', at: '2026-11-21T12:00:14Z' } }],
    [
      'The checkout is being given back; that is given up in 9s',
      { next: { what: 'checking-in', at: '2026-11-21T12:00:09Z' } },
    ],
    ['Upstream is asked as soon as the session is ready', { next: { what: 'session', at: null } }],
    ['Renews by itself within 15s', { next: { what: 'renewal', at: '2026-11-21T12:00:00Z' } }],
    ['Asks upstream in 8s', { held: null, next: { what: 'renewal', at: '2026-11-21T12:00:08Z' } }],
    ['Waits for a request', { next: { what: 'request', at: null } }],
    ['Waits for a request; none reaches upstream for 58s', { next: { what: 'request', at: '2026-11-21T12:00:58Z' } }],
    [
      'Renews in 39m if you have signed in by then. Run: credbroker login work --token',
      {
        next: { what: 'sign-in', at: '2026-11-21T12:39:00Z' },
        ...ofSession({ state: 'login-required', next: 'Run: credbroker login work --token' }),
      },
    ],
  ])('says of what comes next: %s', async (sentence, view) => {
    expect(await explained(view)).toContain(`\nNext      ${sentence}\n`);
  });

  it.each<[string, ExplainView['caller'], Partial<ExplainView>]>([
    ['wait a little for new credentials, or get these', { answer: 'waits', for: 'upstream' }, { state: 'short' }],
    ['wait until the checkout has been given back', { answer: 'waits', for: 'check-in' }, {}],
    ['wait while the session is refreshed', { answer: 'waits', for: 'refresh' }, {}],
    [
      'wait while the sign-in service is asked whether a sign-in is needed',
      { answer: 'waits', for: 'probe' },
      { held: null },
    ],
    ['wait for you to sign in', { answer: 'waits', for: 'sign-in' }, {}],
    ['wait until upstream may be asked again', { answer: 'waits', for: 'pause' }, {}],
  ])('says of callers: %s', async (sentence, caller, view) => {
    expect(await explained({ ...view, caller })).toContain(`\nCallers   ${sentence}\n`);
  });

  it.each<[string, ExplainView['gate']]>([
    [
      'Closed for 40s: this profile’s own pause after 3 failures',
      { whose: 'profile', until: '2026-11-21T12:00:40Z', failures: 3, why: null },
    ],
    [
      'Closed for 2s: the session’s pause after 1 failure',
      { whose: 'session', until: '2026-11-21T12:00:02Z', failures: 1, why: null },
    ],
    [
      'Closed for 58m: one checkout at a time, and this one still runs',
      { whose: 'checkout', until: '2026-11-21T12:58:01Z', failures: 0, why: null },
    ],
    ['Closed for 1s: callers come first', { whose: 'turn', until: '2026-11-21T12:00:01Z', failures: 0, why: null }],
  ])('says of the gate: %s', async (sentence, gate) => {
    expect(await explained({ gate })).toContain(`\nGate      ${sentence}\n`);
  });

  it.each<[string, Pick<NonNullable<ExplainView['last']>, 'what' | 'verdict'>]>([
    ['for new tokens 1m ago: it issued them', { what: 'refresh', verdict: 'ok' }],
    ['whether the sign-in still holds 1m ago: it does', { what: 'probe', verdict: 'ok' }],
    ['whether the sign-in still holds 1m ago: it refused the access token', { what: 'probe', verdict: 'unauthorized' }],
    ['for new tokens 1m ago: it refused the refresh token', { what: 'refresh', verdict: 'rejected' }],
    [
      'for new tokens 1m ago: it gave no answer, and may have done what it was asked',
      { what: 'refresh', verdict: 'ambiguous' },
    ],
    ['for credentials 1m ago: it gave no usable answer', { what: 'credentials', verdict: 'transient' }],
    ['for credentials 1m ago: it denied access', { what: 'credentials', verdict: 'denied' }],
    ['for credentials 1m ago: an earlier checkout still runs', { what: 'credentials', verdict: 'not-yet' }],
  ])('says what the last attempt proved: asked %s', async (sentence, attempt) => {
    const last = { ...attempt, at: '2026-11-21T11:59:00Z', detail: null };
    expect(await explained({ last })).toContain(`\nLast      Asked ${sentence}\n`);
  });

  it('ends an attempt with the command that its upstream named', async () => {
    const detail = 'a ticket is needed. Run: credbroker checkout dev --ticket-id …';
    const last = { what: 'credentials', verdict: 'denied', at: '2026-11-21T11:59:00Z', detail } as const;
    expect(await explained({ last })).toContain(
      `\nLast      Asked for credentials 1m ago: it denied access: ${detail}\n`,
    );
  });

  it('says what a lead of half the life is', async () => {
    const lead = { ms: 150_000, minMs: 150_000, maxMs: 150_000, draw: 0.4 };
    const text = await explained({ held: { ...heldFresh, lead } });
    expect(text).toContain('\nLead      2m before the end: half of their life\n');
  });

  it('says how long a session is not asked for new tokens', async () => {
    const text = await explained(
      ofSession({ state: 'offline', lastError: unreachable, retryAt: '2026-11-21T12:00:30Z' }),
    );
    expect(text).toContain(`          ${unreachable}\n          Not asked for new tokens for 30s\n`);
  });

  it('fits a terminal without cutting anything off', async () => {
    const lastError = `${unreachable}, which is told at such a length that it takes more than a line of a terminal`;
    const text = await explained({ lastError }, { tty: true, columns: 60, env: { NO_COLOR: '1' } });
    expect(text.split('\n').filter((line) => line.length > 60)).toEqual([]);
    expect(text.replace(/\n {10}/g, ' ')).toContain(lastError);
  });

  it('breaks no command on a narrow terminal', async () => {
    const message = 'Session "work" has expired. Run: credbroker login work';
    const caller = { answer: 'refused', code: 'LoginRequired', message } as const;
    const text = await explained({ caller }, { tty: true, columns: 50, env: { NO_COLOR: '1' } });
    expect(text).toContain(`
Callers   are told: Session "work" has expired.
          Run: credbroker login work
`);
  });

  it('uses colours on a terminal alone', async () => {
    expect(await explained({}, { tty: true })).toContain('\u001b[32m✓\u001b[39m dev');
    expect(await explained({})).not.toContain('\u001b');
  });

  it('strips control characters that an upstream sent', async () => {
    expect(await explained({ lastError: 'bad\u009b2J\u202e' })).toContain('          bad2J\n');
  });

  it('prints what the daemon said with --json', async () => {
    const { daemon, cli } = await cliWorld();
    const body = explanation('dev');
    daemon.answer('GET /v1/profiles/dev/explain', { status: 200, body });
    const { stdout, stderr } = await cli('explain dev --json');
    expect([JSON.parse(stdout), stderr]).toEqual([body, '']);
  });

  it('asks for a profile of any name', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [profile('Prod/Blue Read')] };
    const route = 'GET /v1/profiles/Prod%2FBlue%20Read/explain';
    daemon.answer(route, { status: 200, body: explanation('Prod/Blue Read') });
    expect((await cli(['explain', 'Prod/Blue Read'])).stdout).toContain('✓ Prod/Blue Read  fresh');
    expect(daemon.routes()).toContain(route);
  });

  it('answers an unknown profile with the nearest one', async () => {
    const { cli } = await cliWorld();
    expect(await cli('explain devv')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: No profile "devv", did you mean "dev". Run: credbroker profiles\n',
    });
  });
});
