/** Several programs, or one that starts again, at one emulated tenant: what one has made the other finds. */
import { describe, expect, it } from 'vitest';
import { britive } from '../../../src/providers/britive/index.ts';
import type { SessionRecord } from '../../../src/providers/britive/types.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { never } from '../../support/sso-world.ts';
import type { Opened } from './emulated-provider.ts';
import { at, count, open, profileAt, signedIn } from './emulated-provider.ts';
import { named, okOf, wish } from './world.ts';

/** Another program, or the same one after its end: it remembers nothing. */
const process = ({ world, settings }: Opened, path: string, record: SessionRecord) => {
  const profile = britive(world.britiveDependencies).openProfile(at(path), settings);
  return (signal = never) => profile.acquire({ record, source: null, checkout: null, wish: null, signal });
};

const developer = 'Cloud/Staging/Developer';

const accepted = ({ emulator }: Opened): number =>
  emulator.journal.calls('BritiveCheckout').filter(({ answer }) => answer?.status === 200).length;

describe('a checkout', () => {
  it('case 13: is made beside one of the console, and leaves it alone', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const readOnly = profileAt(opened, 'Cloud/Staging/Read Only', record);
    const consoles = okOf(await readOnly.openConsole());
    const keys = okOf(await readOnly.acquire());
    expect(keys.transaction).not.toBe(consoles.transaction);
    expect(accepted(opened)).toBe(2);
    expect(okOf(await readOnly.openConsole()).transaction).toBe(consoles.transaction);
    expect(count(opened.emulator, 'BritiveCheckin')).toBe(0);
  });

  it.each([
    ['whose answer is lost', 'resetAfter', 1],
    ['whose answer is cut', 'truncated', 1],
    ['that never arrives', 'resetBefore', 1],
  ] as const)('case 15: %s is made once all the same', async (_, kind, transactions) => {
    const opened = await open();
    const record = await signedIn(opened);
    opened.emulator.faults.add('BritiveCheckout', { kind }, { times: 1 });
    expect((await profileAt(opened, developer, record).acquire()).type).toBe('ok');
    expect(accepted(opened)).toBe(transactions);
  });

  it.each([
    [0, 1],
    [1_500, 2],
  ])('case 16: is one for two programs that ask together (shown after %i ms)', async (delayMs, refused) => {
    const opened = await open();
    const { world, emulator, tenant } = opened;
    tenant.knobs.visibilityDelayMs = delayMs;
    const record = await signedIn(opened);
    const held = emulator.faults.add('BritiveCheckout', { kind: 'hold' });
    const asked = Promise.all([process(opened, developer, record)(), process(opened, developer, record)()]);
    const answered = world.drive(asked);
    await emulator.journal.waitFor(() => count(emulator, 'BritiveCheckout') === 2);
    held.release();
    const [one, other] = (await answered).map(okOf);
    expect(other?.transaction).toBe(one?.transaction);
    expect(accepted(opened)).toBe(1);
    expect(count(emulator, 'BritiveCheckout')).toBe(1 + refused);
  });

  it('is found again by a program that starts again, wherever the one before it stopped', async () => {
    const opened = await open();
    const { world, tenant, emulator } = opened;
    tenant.knobs.visibilityDelayMs = 400;
    tenant.knobs.tokensDelayMs = 500;
    const record = await signedIn(opened);
    for (let stopsMs = 50; stopsMs < 3_000; stopsMs += 150) {
      emulator.journal.clear();
      const stopping = new AbortController();
      const stop = world.clock.after(stopsMs, () => stopping.abort());
      await world.drive(process(opened, developer, record)(stopping.signal));
      stop();
      const found = okOf(await world.drive(process(opened, developer, record)()));
      expect([stopsMs, accepted(opened)]).toEqual([stopsMs, 1]);
      await profileAt(opened, developer, record).release(found.transaction ?? '');
      world.clock.advance(seconds(5));
    }
  });

  it('case 31: is asked for again after the time that the tenant names', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    const busy = { kind: 'status', status: 429, headers: { 'retry-after': '2' } } as const;
    opened.emulator.faults.add('BritiveCheckout', busy, { times: 1 });
    expect((await profileAt(opened, developer, record).acquire()).type).toBe('ok');
    const [first, second] = opened.emulator.journal.calls('BritiveCheckout');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(seconds(2));
  });
});

describe('an approval', () => {
  const admin = 'Cloud/Production/Admin';

  it.each([
    ['REJECTED', 'approval.rejected'],
    ['REVOKED', 'approval.ended'],
    ['EXPIRED', 'approval.ended'],
    ['CANCELLED', 'approval.ended'],
  ] as const)('case 23: that is %s ends the checkout', async (status, event) => {
    const opened = await open();
    const { tenant, world } = opened;
    const record = await signedIn(opened);
    const person = wish({ justification: 'x' }, (told) => {
      const [requestId = ''] = tenant.people.waitingApprovals();
      if (told.event === 'approval.waiting')
        world.clock.after(seconds(30), () => tenant.people.decideApproval(requestId, status));
    });
    const verdict = await profileAt(opened, admin, record).acquire({ wish: person });
    expect(verdict).toMatchObject({ type: 'denied', why: 'not-approved' });
    expect(named(person).at(-1)).toBe(event);
    expect(accepted(opened)).toBe(0);
  });

  it('case 23: that nobody gives in time ends the checkout', async () => {
    const opened = await open();
    opened.tenant.knobs.timeToApproveMs = minutes(1);
    const record = await signedIn(opened);
    const begun = opened.world.clock.now();
    const person = wish({ justification: 'x' });
    expect((await profileAt(opened, admin, record).acquire({ wish: person })).type).toBe('denied');
    expect(opened.world.clock.now() - begun).toBeLessThan(minutes(2));
    expect(opened.tenant.people.waitingApprovals()).toEqual([]);
  });

  it('case 23: that is given already is not waited for', async () => {
    const opened = await open();
    const record = await signedIn(opened);
    opened.tenant.knobs.alreadyApproved = true;
    const person = wish({ justification: 'x' });
    expect((await profileAt(opened, admin, record).acquire({ wish: person })).type).toBe('ok');
    expect(named(person)).not.toContain('approval.waiting');
  });

  it('case 24: is withdrawn once by who leaves', async () => {
    const opened = await open();
    const { world, emulator, tenant } = opened;
    const record = await signedIn(opened);
    const leaving = new AbortController();
    const person = wish({ justification: 'x' }, ({ event }) => {
      if (event === 'approval.waiting') world.clock.after(seconds(12), () => leaving.abort());
    });
    await profileAt(opened, admin, record).acquire({ wish: person, signal: leaving.signal });
    world.clock.advance(minutes(1));
    expect(count(emulator, 'BritiveWithdraw')).toBe(1);
    expect(tenant.people.waitingApprovals()).toEqual([]);
  });
});

describe('a one-time password', () => {
  const glass = 'Cloud/Production/Break Glass';

  it('case 26: is asked for once in the window of the tenant', async () => {
    const opened = await open();
    opened.tenant.knobs.stepUp = { remember: 'window', windowMs: minutes(15) };
    const record = await signedIn(opened);
    const breakGlass = profileAt(opened, glass, record);
    const held = okOf(await breakGlass.acquire({ wish: wish({ otp: '000000' }) }));
    await breakGlass.release(held.transaction ?? '');
    opened.world.clock.advance(minutes(10));
    const again = okOf(await breakGlass.acquire());
    await breakGlass.release(again.transaction ?? '');
    opened.world.clock.advance(minutes(6));
    expect(await breakGlass.acquire()).toMatchObject({ type: 'denied', why: 'needs-otp' });
    expect(count(opened.emulator, 'BritiveStepUp')).toBe(1);
  });

  it('is not asked for where the person has another factor alone', async () => {
    const opened = await open();
    opened.tenant.knobs.factors = ['WEB_AUTHN'];
    const breakGlass = profileAt(opened, glass, await signedIn(opened));
    expect(await breakGlass.acquire({ wish: wish() })).toMatchObject({ type: 'denied', why: 'forbidden' });
    expect(await breakGlass.acquire()).toMatchObject({ type: 'denied', why: 'needs-otp' });
    expect(count(opened.emulator, 'BritiveRegistrations')).toBe(1);
  });

  it('case 26: is asked for each time where only a cookie proves it', async () => {
    const opened = await open();
    opened.tenant.knobs.stepUp = { remember: 'cookie', maxAgeMs: seconds(2) };
    const record = await signedIn(opened);
    const breakGlass = profileAt(opened, glass, record);
    const held = okOf(await breakGlass.acquire({ wish: wish({ otp: '000000' }) }));
    await breakGlass.release(held.transaction ?? '');
    opened.world.clock.advance(seconds(3));
    expect(await breakGlass.acquire()).toMatchObject({ type: 'denied', why: 'needs-otp' });
    expect((await breakGlass.acquire({ wish: wish({ otp: '000000' }) })).type).toBe('ok');
  });
});
