import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../../src/core/wish.ts';
import { britive } from '../../../src/providers/britive/index.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { type Answer, BritiveWorld, named, okOf, origin, profile, session, target, wish } from './world.ts';

const settingsPath = `${target}/settings`;
const approvalPath = `${target}/approvalRequest`;
const withdrawal = '/api/v1/approvals/req-1';
const justification = 'OPS-77: rotate keys';

const approval = (status: string, overrides: object = {}) => ({
  requestId: 'req-1',
  resource: 'pap-1/210987654321',
  status,
  ...overrides,
});

/** Each call's body, of the calls to this path. */
const bodies = (world: BritiveWorld, path: string) => world.sentTo(path).map(({ body }) => body);

describe('a justification', () => {
  it.each(['AS-0001', 'AS-0002'])('case 28: that %s wants is asked for with the form it must have', async (code) => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, code);
    const body = { justificationSetting: { justificationRegex: '^OPS-[0-9]+: .+' } };
    world.on('GET', settingsPath, { body });
    const heard: ProgressEvent[] = [];
    const asked = { ...wish(), progress: (event: ProgressEvent) => void heard.push(event) };
    const detail = expect.stringMatching(/, of the form \^OPS-\[0-9\]\+: \.\+$/);
    expect(await world.acquire({ wish: asked })).toEqual({ type: 'denied', why: 'needs-justification', detail });
    expect(heard).toContainEqual({ event: 'gate.met', detail });
  });

  it('case 28: of 256 characters is refused here, of 255 it is sent', async () => {
    const world = new BritiveWorld();
    const long = wish({ justification: 'x'.repeat(256) });
    expect(await world.acquire({ wish: long })).toMatchObject({ type: 'denied', why: 'needs-justification' });
    expect(world.sent).toEqual([]);
    world.lists([]).posts().tokens();
    expect((await world.acquire({ wish: wish({ justification: 'x'.repeat(255) }) })).type).toBe('ok');
    expect(bodies(world, target)).toEqual([{ justification: 'x'.repeat(255) }]);
  });

  it('that was approved elsewhere is said again, for a program too', async () => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, 'AS-0001');
    const body = { approvalRequestData: { justification, ticketId: null, ticketType: 'issue' } };
    world.on('GET', settingsPath, { body }).posts().tokens();
    expect((await world.acquire()).type).toBe('ok');
    expect(bodies(world, target)).toEqual([{}, { justification }]);
  });

  it('is asked for although the settings cannot be read', async () => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, 'AS-0001').on('GET', settingsPath, { status: 403 });
    expect(await world.acquire()).toMatchObject({ type: 'denied', why: 'needs-justification' });
  });
});

describe('a ticket', () => {
  it.each(['AS-0003', 'AS-0004', 'AS-0005', 'AS-0006', 'AS-0007'])('is asked for after %s', async (code) => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, code);
    world.on('GET', settingsPath, { body: { itsmSetting: { supportedTicketTypes: ['issue', 'task'] } } });
    expect(await world.acquire()).toMatchObject({
      type: 'denied',
      why: 'needs-ticket',
      detail: expect.stringContaining('issue or task'),
    });
  });

  it('is asked for with each type that it may have', async () => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, 'AS-0003');
    world.on('GET', settingsPath, { body: { itsmSetting: { supportedTicketTypes: ['issue', 'task'] } } });
    const heard: ProgressEvent[] = [];
    await world.acquire({ wish: { ...wish(), progress: (event) => void heard.push(event) } });
    expect(heard.slice(-3)).toEqual([
      { event: 'ticket.type', detail: 'issue' },
      { event: 'ticket.type', detail: 'task' },
      { event: 'gate.met', detail: 'a ticket type and a ticket are needed (AS-0003)' },
    ]);
  });

  it('is sent with its type, and never without', async () => {
    const world = new BritiveWorld();
    expect(await world.acquire({ wish: wish({ ticketId: 'OPS-1' }) })).toMatchObject({ why: 'needs-ticket' });
    world.lists([]).posts().tokens();
    await world.acquire({ wish: wish({ ticketId: 'OPS-1', ticketType: 'issue' }) });
    expect(bodies(world, target)).toEqual([{ ticketType: 'issue', ticketId: 'OPS-1' }]);
  });
});

describe('an approval', () => {
  const asking = () => wish({ justification });
  /** Does not answer this call about the request. */
  const hangingAt = (world: BritiveWorld, hanging: string, seen = () => {}) => {
    const fetch: typeof world.fetch = (url, init) =>
      init.method === hanging && url.endsWith('/req-1')
        ? new Promise((_, reject) => {
            init.signal.addEventListener('abort', () => reject(init.signal.reason));
            seen();
          })
        : world.fetch(url, init);
    return britive({ ...world.britiveDependencies, fetch }).openProfile(profile(), session());
  };
  const endsByItself = { event: 'approval.ended', detail: 'could not be withdrawn; it ends by itself' };
  const asked = (code = 'MA-0010') =>
    new BritiveWorld()
      .lists([])
      .refuses(400, code)
      .on('POST', approvalPath, { body: { requestId: 'req-1' } });
  const answers = (world: BritiveWorld, ...statuses: readonly string[]) => {
    for (const status of statuses) world.on('GET', '/api/v1/approvals/req-1', { body: approval(status) });
    return world;
  };

  it.each(['MA-0009', 'MA-0010'])(
    'case 23: that %s wants is requested, awaited, and the same is posted',
    async (code) => {
      const world = answers(asked(code), 'PENDING', 'Pending', 'APPROVED').posts().tokens();
      const person = asking();
      expect((await world.acquire({ wish: person })).type).toBe('ok');
      expect(bodies(world, target)).toEqual([{ justification }, { justification }]);
      expect(bodies(world, approvalPath)).toEqual([{ justification }]);
      expect(named(person)).toEqual([
        'checkout.post',
        'approval.requested',
        'approval.waiting',
        'approval.approved',
        'checkout.post',
        'checkout.ready',
      ]);
    },
  );

  it('is asked after every 5 s at first, and every 15 s at last', async () => {
    const world = answers(asked(), ...Array.from({ length: 13 }, () => 'PENDING'), 'APPROVED')
      .posts()
      .tokens();
    await world.acquire({ wish: asking() });
    const polls = world.sentTo('/api/v1/approvals/req-1').map(({ at }) => at);
    const waits = polls.map((at, index) => at - (polls[index - 1] ?? at)).slice(1);
    expect(waits.slice(0, 2)).toEqual([seconds(6), seconds(7)]);
    expect(waits.slice(-2)).toEqual([seconds(15), seconds(15)]);
  });

  it.each([
    ['REJECTED', 'approval.rejected'],
    ['TIMEOUT', 'approval.ended'],
    ['CANCELLED', 'approval.ended'],
    ['WITHDRAWN', 'approval.ended'],
    ['REVOKED', 'approval.ended'],
    ['EXPIRED', 'approval.ended'],
    ['PONDERED', 'approval.ended'],
  ])('case 23: that is %s ends it', async (status, event) => {
    const world = answers(asked(), status);
    const person = asking();
    expect(await world.acquire({ wish: person })).toMatchObject({ type: 'denied', why: 'not-approved' });
    expect(named(person).at(-1)).toBe(event);
  });

  it('case 23: that is there already is not waited for', async () => {
    const world = new BritiveWorld().lists([]).refuses(400, 'MA-0010');
    world.on('POST', approvalPath, { body: null }).posts().tokens();
    expect((await world.acquire({ wish: asking() })).type).toBe('ok');
  });

  it('case 23: runs out when the tenant says so, and is withdrawn', async () => {
    const world = asked();
    const body = approval('PENDING', { expirationTimeForApproveRequest: '2026-11-21T09:01:00.000Z' });
    world.agent.get(origin).intercept({ path: '/api/v1/approvals/req-1' }).reply(200, body).persist();
    world.on('DELETE', withdrawal);
    const begun = world.clock.now();
    expect(await world.acquire({ wish: asking() })).toMatchObject({ type: 'denied', why: 'not-approved' });
    expect(world.clock.now() - begun).toBe(minutes(1));
  });

  it('case 23: is waited for ten minutes where the tenant says nothing', async () => {
    const world = asked();
    world.agent.get(origin).intercept({ path: '/api/v1/approvals/req-1' }).reply(200, approval('PENDING')).persist();
    world.on('DELETE', withdrawal, { status: 500 });
    const begun = world.clock.now();
    const person = asking();
    expect(await world.acquire({ wish: person })).toMatchObject({ type: 'denied', why: 'not-approved' });
    expect(world.clock.now() - begun).toBe(minutes(10));
    expect(person.events.at(-1)).toEqual(endsByItself);
  });

  it('case 24: is withdrawn once when nobody waits any more', async () => {
    const controller = new AbortController();
    const world = answers(asked(), 'PENDING').on('DELETE', withdrawal, { status: 204, body: null });
    const person = wish({ justification }, ({ event }) => {
      if (event === 'approval.waiting') world.clock.after(seconds(7), () => controller.abort());
    });
    const verdict = await world.acquire({ wish: person, signal: controller.signal });
    expect(verdict).toMatchObject({ type: 'transient', why: 'aborted' });
    expect(world.count('DELETE')).toBe(1);
    expect(named(person).at(-1)).toBe('approval.withdrawn');
  });

  it('is withdrawn although who waited left in the middle of a look', async () => {
    const world = asked().on('DELETE', withdrawal, { status: 204, body: null });
    const leaving = new AbortController();
    const person = asking();
    const tenant = hangingAt(world, 'GET', () => leaving.abort());
    const request = world.request({ wish: person, signal: leaving.signal });
    expect(await world.drive(tenant.acquire(request))).toMatchObject({ why: 'aborted' });
    expect(named(person).at(-1)).toBe('approval.withdrawn');
  });

  it('says after 10 s that a request could not be withdrawn', async () => {
    const world = asked();
    const leaving = new AbortController();
    const person = wish({ justification }, ({ event }) => {
      if (event === 'approval.waiting') leaving.abort();
    });
    const tenant = hangingAt(world, 'DELETE');
    const begun = world.clock.now();
    const request = world.request({ wish: person, signal: leaving.signal });
    expect(await world.drive(tenant.acquire(request))).toMatchObject({ why: 'aborted' });
    expect(world.clock.now() - begun).toBe(seconds(10));
    expect(person.events.at(-1)).toEqual(endsByItself);
  });

  it('that was made elsewhere is not withdrawn by who only waited for it', async () => {
    const world = new BritiveWorld().lists([]).refuses(400, 'MA-0011');
    world.on('GET', '/api/v1/approvals?requestType=myRequests', { body: [approval('PENDING')] });
    const leaving = new AbortController();
    const person = wish({ justification }, ({ event }) => {
      if (event === 'approval.waiting') leaving.abort();
    });
    expect(await world.acquire({ wish: person, signal: leaving.signal })).toMatchObject({ why: 'aborted' });
    expect(world.count('DELETE')).toBe(0);
    expect(person.events.at(-1)).toEqual({ event: 'approval.ended', detail: 'was made elsewhere and stays' });
  });

  it('whose answer was lost is withdrawn by who made it', async () => {
    const world = new BritiveWorld().lists([]).refuses(400, 'MA-0010').fails('POST', approvalPath, 'ECONNRESET');
    world.on('GET', '/api/v1/approvals?requestType=myRequests', { body: [approval('PENDING')] });
    world.on('DELETE', withdrawal, { status: 204, body: null });
    const leaving = new AbortController();
    const person = wish({ justification }, ({ event }) => {
      if (event === 'approval.waiting') leaving.abort();
    });
    await world.acquire({ wish: person, signal: leaving.signal });
    expect(named(person).at(-1)).toBe('approval.withdrawn');
  });

  it.each(['array', 'data', 'result'])(
    'case 25: that is pending is found again in a list of the %s form',
    async (form) => {
      const list = [
        approval('PENDING', { requestId: 'other', resource: 'pap-2/210987654321' }),
        approval('REJECTED', { requestId: 'old' }),
        approval('PENDING'),
      ];
      const world = new BritiveWorld().lists([]).refuses(400, 'MA-0011');
      world.on('GET', '/api/v1/approvals?requestType=myRequests', { body: form === 'array' ? list : { [form]: list } });
      answers(world, 'APPROVED').posts().tokens();
      expect((await world.acquire({ wish: asking() })).type).toBe('ok');
      expect(world.count(`POST ${approvalPath}`)).toBe(0);
    },
  );

  it('that is pending and cannot be found is looked for twice', async () => {
    const world = new BritiveWorld().lists([]);
    for (let n = 0; n < 2; n++) {
      world.refuses(400, 'MA-0011').on('GET', '/api/v1/approvals?requestType=myRequests', { body: [] });
    }
    expect(await world.acquire({ wish: asking() })).toMatchObject({ type: 'denied', why: 'forbidden' });
  });

  it('whose answer was lost is found in the list and not requested twice', async () => {
    const world = new BritiveWorld().lists([]).refuses(400, 'MA-0010').fails('POST', approvalPath, 'ECONNRESET');
    world.on('GET', '/api/v1/approvals?requestType=myRequests', { body: [approval('PENDING')] });
    answers(world, 'APPROVED').posts().tokens();
    expect((await world.acquire({ wish: asking() })).type).toBe('ok');
    expect(world.count(`POST ${approvalPath}`)).toBe(1);
  });

  it('survives five failures in a row', async () => {
    const world = asked();
    for (let n = 0; n < 5; n++) world.on('GET', '/api/v1/approvals/req-1', { status: 502 });
    answers(world, 'APPROVED').posts().tokens();
    expect((await world.acquire({ wish: asking() })).type).toBe('ok');
  });

  it('that was given and is wanted again ends it', async () => {
    const world = answers(asked(), 'APPROVED').refuses(400, 'MA-0010');
    expect(await world.acquire({ wish: asking() })).toMatchObject({ type: 'denied', why: 'needs-approval' });
  });

  it('needs a justification before it is requested', async () => {
    const world = new BritiveWorld().lists([]).refuses(400, 'MA-0010');
    expect(await world.acquire({ wish: wish() })).toMatchObject({ type: 'denied', why: 'needs-justification' });
  });

  it.each(['MA-0009', 'MA-0010', 'MA-0011'])('tells a program at once that it takes a person (%s)', async (code) => {
    const world = new BritiveWorld().lists([]).refuses(400, code);
    const settings = profile();
    const opened = world.britive.openProfile(settings, session());
    expect(opened.prefetch).toBe(true);
    expect(await world.drive(opened.acquire(world.request()))).toMatchObject({
      type: 'denied',
      why: 'needs-approval',
      detail: expect.stringContaining(code),
    });
    expect(opened.prefetch).toBe(false);
  });
});

describe('a step-up', () => {
  const stepUp = '/api/step-up/authenticate/TOTP';
  const otp = '482913';
  const cookies = (world: BritiveWorld) => world.sent.map(({ headers }) => headers['cookie']);

  it('case 26: sends the password once, the checkout at once, and its cookie with it', async () => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028');
    const headers = { 'set-cookie': 'mfa=proof; Path=/; HttpOnly; Secure; Max-Age=30' };
    world
      .on('POST', stepUp, { body: { result: 'SUCCEEDED' }, headers })
      .posts()
      .tokens();
    const person = wish({ otp });
    expect((await world.acquire({ wish: person })).type).toBe('ok');
    expect(bodies(world, stepUp)).toEqual([{ otp }]);
    expect(bodies(world, target)).toEqual([{}, {}]);
    expect(cookies(world)).toEqual([undefined, undefined, undefined, 'mfa=proof', 'mfa=proof']);
    expect(named(person)).toContain('mfa.required');
    const at = (path: string) => world.sentTo(path).at(-1)?.at;
    expect(at(target)).toBe(at(stepUp));
  });

  it('case 26: sends no cookie that has run out, or that belongs to another session', async () => {
    for (const [maxAge, accessToken] of [
      [1, 'jwt-1'],
      [30, 'jwt-2'],
    ] as const) {
      const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028');
      const headers = { 'set-cookie': `mfa=proof; Path=/; Max-Age=${maxAge}` };
      world
        .on('POST', stepUp, { body: { result: 'SUCCEEDED' }, headers })
        .posts({ body: world.row() })
        .tokens();
      await world.acquire({ wish: wish({ otp }) });
      world.clock.advance(seconds(1));
      world.lists([world.row()]).tokens();
      await world.acquire({ record: { ...world.request().record, accessToken } as never });
      expect(cookies(world).slice(-2)).toEqual([undefined, undefined]);
    }
  });

  it.each<readonly [number, object]>([
    [401, { errorCode: 'AU-0009', message: 'Invalid' }],
    [401, { message: 'Unauthorized' }],
    [400, { errorCode: 'AU-0009' }],
    [200, { result: 'FAILED' }],
    [200, { result: 'CHALLENGE' }],
  ])('case 27: a wrong password (%i %j) ends no session, and is asked for again', async (status, body) => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028').on('POST', stepUp, { status, body });
    expect(await world.acquire({ wish: wish({ otp }) })).toMatchObject({
      type: 'denied',
      why: 'needs-otp',
      detail: 'the one-time password is not accepted',
    });
    expect(world.count(`POST ${stepUp}`)).toBe(1);
  });

  it('asks for a password where none was given', async () => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028');
    expect(await world.acquire()).toMatchObject({ type: 'denied', why: 'needs-otp' });
  });

  describe('of somebody who typed no password', () => {
    const factors = '/api/mfa/registrations?onlyAllowed=true';
    const met = async (answer: Answer) => {
      const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028').on('GET', factors, answer);
      return world.acquire({ wish: wish() });
    };
    const totp = { factor: 'TOTP', status: 'REGISTERED' };

    it.each<Answer>([
      { body: [totp] },
      { body: [{ factor: 'WEB_AUTHN', status: 'REGISTERED' }, totp] },
      { status: 500 },
      { status: 401, body: {} },
      { body: 'words' },
    ])('asks for one where they may have one: %j', async (answer) => {
      expect(await met(answer)).toMatchObject({ type: 'denied', why: 'needs-otp' });
    });

    it.each<Answer>([
      { body: [] },
      { body: [{ factor: 'WEB_AUTHN', status: 'REGISTERED' }] },
      { body: [{ ...totp, status: 'UNREGISTERED' }] },
    ])('sends them to the page where they have none: %j', async (answer) => {
      expect(await met(answer)).toEqual({
        type: 'denied',
        why: 'forbidden',
        detail: `it needs a second factor, and you have no one-time password; check it out at ${origin}, then here`,
      });
    });
  });

  it('never sends a password again whose answer was lost', async () => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028').fails('POST', stepUp, 'ECONNRESET');
    expect(await world.acquire({ wish: wish({ otp }) })).toMatchObject({ type: 'transient' });
    expect(world.count(`POST ${stepUp}`)).toBe(1);
  });

  it('says so where the policy does not take what the tenant took', async () => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028');
    world.on('POST', stepUp, { body: { result: 'SUCCEEDED' } }).refuses(403, 'PE-0028');
    expect(await world.acquire({ wish: wish({ otp }) })).toMatchObject({
      type: 'denied',
      why: 'forbidden',
      detail: expect.stringContaining('again'),
    });
  });

  it('case 29: a password, a justification and an approval together come to an end', async () => {
    const world = new BritiveWorld().lists([]).refuses(403, 'PE-0028');
    world.on('POST', stepUp, { body: { result: 'SUCCEEDED' } }).refuses(400, 'MA-0010');
    world.on('POST', approvalPath, { body: { requestId: 'req-1' } });
    world.on('GET', '/api/v1/approvals/req-1', { body: approval('APPROVED') });
    // The proof has run out while somebody thought about the approval.
    world.refuses(403, 'PE-0028');
    expect(await world.acquire({ wish: wish({ otp, justification }) })).toMatchObject({ why: 'needs-otp' });
    world
      .lists([])
      .refuses(403, 'PE-0028')
      .on('POST', stepUp, { body: { result: 'SUCCEEDED' } })
      .posts()
      .tokens();
    expect(okOf(await world.acquire({ wish: wish({ otp: '111111', justification }) })).transaction).toBe('txn-1');
  });
});
