import { fetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { loginRequest, never } from '../../support/sso-world.ts';
import { count, login, open, profileAt, signedIn } from './emulated-provider.ts';
import { named, okOf, wish } from './world.ts';

describe('the Britive provider and the emulated tenant', () => {
  it('sign in, check out, adopt, check in and sign out', async () => {
    const opened = await open();
    const { world, emulator, settings } = opened;
    const record = await signedIn(opened);
    expect(record).toMatchObject({ tokenType: 'Bearer', refreshToken: null });
    expect(record.expiresAt - world.clock.now()).toBeGreaterThan(hours(7));
    const developer = profileAt(opened, 'Cloud/Development/Developer', record);
    const first = okOf(await developer.acquire());
    expect(first).toMatchObject({ accountId: '111122223333', transaction: expect.any(String) });
    expect(first.expiresAt - world.clock.now()).toBeGreaterThan(minutes(59));
    expect(okOf(await developer.acquire()).transaction).toBe(first.transaction);
    expect(count(emulator, 'BritiveCheckout')).toBe(1);
    const list = { record, signal: never };
    expect(okOf(await world.drive(world.britive.checkouts(settings, list)))).toHaveLength(1);
    expect((await developer.release(first.transaction ?? '')).type).toBe('ok');
    const second = okOf(await developer.acquire());
    expect(second.transaction).not.toBe(first.transaction);
    const session = world.britive.openSession(settings);
    expect((await world.drive(session.logout(record, never))).type).toBe('ok');
    expect((await world.drive(session.probe(record, never))).type).toBe('unauthorized');
    expect((await world.drive(session.probe(null, never))).type).toBe('unauthorized');
  });

  it('case 3: see a sign-in that nobody answers', async () => {
    const opened = await open();
    opened.emulator.knobs.autoApprove = false;
    expect(await login(opened)).toMatchObject({ type: 'unanswered' });
  });

  it('case 5, case 7: know a dead session from a refused profile', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const readOnly = profileAt(opened, 'Cloud/Staging/Read Only', record);
    await readOnly.acquire();
    opened.tenant.people.changeProfile('Read Only', { isEntitled: false });
    opened.tenant.people.revokeCheckouts();
    opened.world.clock.advance(seconds(60));
    expect(await readOnly.acquire()).toMatchObject({ type: 'denied' });
    opened.tenant.people.endSessions();
    expect((await readOnly.acquire()).type).toBe('unauthorized');
  });

  it.each(['plain', 'E0000', 'AU-0007'] as const)(
    'case 5: know a dead session by its 401 (%s)',
    async (unauthorized) => {
      const opened = await open();
      const record = await signedIn(opened);
      opened.tenant.knobs.unauthorized = unauthorized;
      opened.tenant.people.endSessions();
      opened.world.clock.advance(seconds(16));
      expect((await profileAt(opened, 'Cloud/Staging/Read Only', record).acquire()).type).toBe('unauthorized');
    },
  );

  it('case 6: use an API token until it is revoked', async () => {
    const opened = await open();
    const token = opened.tenant.people.issueApiToken({ userName: 'ci@example.test', lifeMs: hours(24) } as never);
    const record = await signedIn(opened, token);
    const readOnly = profileAt(opened, 'Cloud/Staging/Read Only', record);
    expect((await readOnly.acquire()).type).toBe('ok');
    opened.tenant.people.revokeApiToken(token);
    opened.world.clock.advance(seconds(16));
    expect(await readOnly.acquire()).toMatchObject({
      type: 'unauthorized',
      detail: expect.stringContaining('AU-0016'),
    });
  });

  it('case 8: get over a session that is refused at first', async () => {
    const opened = await open();
    opened.tenant.knobs.loginLagMs = 900;
    await signedIn(opened);
  });

  it('case 9, case 10: wait for a checkout that shows late', async () => {
    const opened = await open();
    opened.tenant.knobs.visibilityDelayMs = 3_000;
    opened.tenant.knobs.tokensDelayMs = 5_000;
    const record = await signedIn(opened);
    expect((await profileAt(opened, 'Cloud/Staging/Read Only', record).acquire()).type).toBe('ok');
    expect(count(opened.emulator, 'BritiveCheckout')).toBe(1);
  });

  it('case 11: see a checkout that fails', async () => {
    const opened = await open();
    const failing = { status: 'checkOutFailed', afterMs: 500, errorMessage: 'role limit reached' };
    opened.tenant.people.changeProfile('Developer', {
      checkout: [{ status: 'checkOutSubmitted', afterMs: 0, errorMessage: null }, failing],
    });
    const record = await signedIn(opened);
    expect(await profileAt(opened, 'Cloud/Staging/Developer', record).acquire()).toMatchObject({
      type: 'denied',
      detail: expect.stringContaining('role limit reached'),
    });
  });

  it('case 12: keep two environments of one profile apart', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const accounts: (string | null)[] = [];
    for (const environment of ['Development', 'Staging', '123456789012']) {
      accounts.push(okOf(await profileAt(opened, `Cloud/${environment}/Read Only`, record).acquire()).accountId);
    }
    expect(accounts).toEqual(['111122223333', '444455556666', '123456789012']);
  });

  it('case 20, case 21: force another checkout, however long the check-in takes', async () => {
    const opened = await open();
    opened.tenant.people.changeProfile('Developer', {
      checkin: [
        { status: 'checkInSubmitted', afterMs: 0, errorMessage: null },
        { status: 'checkedIn', afterMs: 40_000, errorMessage: null },
      ],
    });
    const record = await signedIn(opened);
    const developer = profileAt(opened, 'Cloud/Staging/Developer', record);
    const first = okOf(await developer.acquire());
    const second = okOf(await developer.acquire({ wish: wish({ force: true }) }));
    expect(second.transaction).not.toBe(first.transaction);
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
  });

  it('prolong a checkout that may be, as often as it may be', async () => {
    const opened = await open();
    const { world, emulator } = opened;
    const record = await signedIn(opened);
    const build = profileAt(opened, 'Cloud/Development/Build', record);
    let held = okOf(await build.acquire());
    const lives: number[] = [];
    for (let n = 0; n < 3; n++) {
      world.clock.advance(held.expiresAt - world.clock.now() - minutes(10));
      held = okOf(
        await build.acquire({ checkout: { transaction: held.transaction ?? '', expiresAt: held.expiresAt } }),
      );
      lives.push(Math.round((held.expiresAt - world.clock.now()) / minutes(1)));
    }
    expect(lives).toEqual([70, 70, 10]);
    expect(count(emulator, 'BritiveCheckout')).toBe(1);
  });

  it('case 23: request an approval and wait for it', async () => {
    const opened = await open();
    const { tenant, world } = opened;
    const record = await signedIn(opened);
    const person = wish({ justification: 'OPS-1: look' }, ({ event }) => {
      if (event !== 'approval.waiting') return;
      const [requestId = ''] = tenant.people.waitingApprovals();
      world.clock.after(seconds(30), () => tenant.people.decideApproval(requestId, 'APPROVED'));
    });
    const admin = profileAt(opened, 'Cloud/Production/Admin', record);
    expect(await admin.acquire()).toMatchObject({ type: 'denied', why: 'needs-approval' });
    expect((await admin.acquire({ wish: person })).type).toBe('ok');
    expect(named(person)).toContain('approval.approved');
  });

  it('case 24: withdraw an approval that nobody waits for any more', async () => {
    const opened = await open();
    const { tenant, world } = opened;
    const record = await signedIn(opened);
    const leaving = new AbortController();
    const person = wish({ justification: 'x' }, ({ event }) => {
      if (event === 'approval.waiting') world.clock.after(seconds(12), () => leaving.abort());
    });
    const admin = profileAt(opened, 'Cloud/Production/Admin', record);
    expect(await admin.acquire({ wish: person, signal: leaving.signal })).toMatchObject({ why: 'aborted' });
    expect(named(person).at(-1)).toBe('approval.withdrawn');
    expect(tenant.people.waitingApprovals()).toEqual([]);
  });

  it.each(['array', 'result', 'data'] as const)('case 25: find a pending approval again (%s)', async (approvalList) => {
    const opened = await open();
    const { tenant, world, settings, emulator } = opened;
    tenant.knobs.approvalList = approvalList;
    const record = await signedIn(opened);
    const list = { record, signal: never, fresh: true };
    const entries = okOf(await world.drive(world.britive.profiles(settings, list)));
    const { papId, environmentId } = entries.find(({ profile: name }) => name === 'Admin') ?? expect.unreachable();
    const url = `${tenant.url}/api/access/${papId}/environments/${environmentId}/approvalRequest`;
    const headers = { authorization: `Bearer ${record.accessToken}`, 'content-type': 'application/json' };
    await (await fetch(url, { method: 'POST', headers, body: '{"justification":"x"}' })).text();
    const [requestId = ''] = tenant.people.waitingApprovals();
    const person = wish({ justification: 'x' }, ({ event }) => {
      if (event === 'approval.waiting') tenant.people.decideApproval(requestId, 'APPROVED');
    });
    expect((await profileAt(opened, 'Cloud/Production/Admin', record).acquire({ wish: person })).type).toBe('ok');
    expect(person.events).toContainEqual({ event: 'approval.waiting', detail: requestId });
    expect(count(emulator, 'BritiveRequestApproval')).toBe(1);
  });

  it.each([
    { remember: 'window', windowMs: minutes(15) },
    { remember: 'cookie', maxAgeMs: seconds(2) },
  ] as const)('case 26: step up with one password (%j)', async (stepUp) => {
    const opened = await open();
    opened.tenant.knobs.stepUp = stepUp;
    const record = await signedIn(opened);
    const glass = profileAt(opened, 'Cloud/Production/Break Glass', record);
    expect(await glass.acquire()).toMatchObject({ type: 'denied', why: 'needs-otp' });
    expect((await glass.acquire({ wish: wish({ otp: '000000' }) })).type).toBe('ok');
    expect(count(opened.emulator, 'BritiveStepUp')).toBe(1);
  });

  it.each(['401', 'FAILED', 'CHALLENGE'] as const)('case 27: survive a wrong password (%s)', async (wrongOtp) => {
    const opened = await open();
    opened.tenant.knobs.wrongOtp = wrongOtp;
    const record = await signedIn(opened);
    const glass = profileAt(opened, 'Cloud/Production/Break Glass', record);
    expect(await glass.acquire({ wish: wish({ otp: '999999' }) })).toMatchObject({ type: 'denied', why: 'needs-otp' });
    expect((await glass.acquire({ wish: wish({ otp: '000000' }) })).type).toBe('ok');
    // Each password once, although the session is young enough for its refusals to be doubted.
    expect(count(opened.emulator, 'BritiveStepUp')).toBe(2);
  });

  it('case 28: justify, and name a ticket', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const operator = profileAt(opened, 'Cloud/Production/Operator', record);
    const refused = await operator.acquire({ wish: wish({ justification: 'because' }) });
    expect(refused).toMatchObject({ why: 'needs-justification', detail: expect.stringContaining('^OPS-[0-9]+: .+') });
    expect((await operator.acquire({ wish: wish({ justification: 'OPS-7: rotate' }) })).type).toBe('ok');
    const release = profileAt(opened, 'Cloud/Production/Release', record);
    expect(await release.acquire({ wish: wish() })).toMatchObject({
      why: 'needs-ticket',
      detail: expect.stringContaining('issue'),
    });
    expect((await release.acquire({ wish: wish({ ticketType: 'issue', ticketId: 'REL-1' }) })).type).toBe('ok');
  });

  it('case 29: meet every condition at once', async () => {
    const opened = await open();
    const { tenant, world } = opened;
    tenant.people.changeProfile('Admin', { needsStepUp: true, justification: { pattern: '^OPS' } });
    const record = await signedIn(opened);
    const person = wish({ justification: 'OPS-1: all', otp: '000000' }, ({ event }) => {
      const [requestId = ''] = tenant.people.waitingApprovals();
      if (event === 'approval.waiting')
        world.clock.after(seconds(30), () => tenant.people.decideApproval(requestId, 'APPROVED'));
    });
    expect((await profileAt(opened, 'Cloud/Production/Admin', record).acquire({ wish: person })).type).toBe('ok');
  });

  it('case 30: get what every kind of application yields, Azure twice', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const kinds: string[] = [];
    for (const path of [
      'Sandbox/Sandbox Owner',
      'Analytics/Data Viewer',
      'Cluster/Cluster Reader',
      'Warehouse/Analyst',
    ]) {
      kinds.push(okOf(await profileAt(opened, path, record).issue()).value.kind);
    }
    expect(kinds).toEqual(['aws', 'gcp', 'kubernetes', 'other']);
    const azure = profileAt(opened, 'Directory/Contributor', record);
    const first = okOf(await azure.issue());
    expect(first.value.kind).toBe('azure');
    expect(okOf(await azure.issue())).toEqual(first);
    expect(okOf(await azure.issue({ wish: wish({ force: true }) })).transaction).not.toBe(first.transaction);
  });

  it.each(['object', 'string', 'text'] as const)('open a console (%s)', async (consoleUrl) => {
    const opened = await open();
    opened.tenant.knobs.consoleUrl = consoleUrl;
    const record = await signedIn(opened);
    const auditor = profileAt(opened, 'Cloud/Production/Auditor', record);
    expect(await auditor.acquire()).toMatchObject({ type: 'denied', detail: expect.stringContaining('console only') });
    expect(okOf(await auditor.openConsole()).value).toMatch(/^https:/);
  });

  it.each(['A', 'B', 'C', 'asked'] as const)(
    'case 38: read the same catalogue in the shape %s',
    async (accessShape) => {
      const opened = await open();
      const { world, settings } = opened;
      opened.tenant.knobs.accessShape = accessShape;
      if (accessShape === 'B') opened.tenant.knobs.truncateAt = 3;
      opened.tenant.knobs.nextLink = 'https://elsewhere.example/api/access?page=1';
      const record = await signedIn(opened);
      const entries = okOf(await world.drive(world.britive.profiles(settings, { record, signal: never, fresh: true })));
      expect(entries).toHaveLength(16);
      expect(entries.map(({ path }) => path)).toContain('Cloud/123456789012 (Production)/Read Only');
    },
  );

  it.each(['utc', 'fraction', 'offset', 'naive', 'garbage'] as const)(
    'read times in the form %s',
    async (timestamps) => {
      const opened = await open();
      opened.tenant.knobs.timestamps = timestamps;
      const record = await signedIn(opened);
      const verdict = await profileAt(opened, 'Cloud/Staging/Read Only', record).acquire();
      if (timestamps === 'garbage') return expect(verdict).toMatchObject({ type: 'transient', why: 'bad-body' });
      const left = okOf(verdict).expiresAt - opened.world.clock.now();
      expect(left).toBeGreaterThan(hours(4) - minutes(1));
      expect(left).toBeLessThanOrEqual(hours(4));
    },
  );

  it('believe a workload of AWS by its signature', async () => {
    const opened = await open();
    const { world, tenant } = opened;
    const record = await signedIn(opened);
    const keys = okOf(await profileAt(opened, 'Cloud/Staging/Read Only', record).acquire());
    world.variables.set('AWS_ACCESS_KEY_ID', keys.accessKeyId);
    world.variables.set('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
    world.variables.set('AWS_SESSION_TOKEN', keys.sessionToken);
    tenant.knobs.workloads = [{ type: 'aws', accountId: '444455556666', userName: 'deployer' }];
    const workload = world.britive.openSession({ ...opened.settings, federation: 'aws' });
    const outcome = await world.drive(workload.login({ ...loginRequest('browser'), token: null }));
    const own = outcome.type === 'ok' ? outcome.record : expect.unreachable();
    expect((await world.drive(workload.probe(own, never))).type).toBe('ok');
    world.clock.advance(minutes(16));
    expect((await world.drive(workload.probe(own, never))).type).toBe('unauthorized');
    expect((await world.drive(workload.refresh(own, never))).type).toBe('ok');
  });

  it('take fields and kinds that nobody has heard of', async () => {
    const opened = await open();
    opened.tenant.knobs.extraFields = true;
    opened.tenant.knobs.isAccessTypeShown = false;
    const record = await signedIn(opened);
    expect((await profileAt(opened, 'Cloud/Staging/Read Only', record).acquire()).type).toBe('ok');
  });
});
