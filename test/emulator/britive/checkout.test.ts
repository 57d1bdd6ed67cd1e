import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/emulator/britive/catalogue.ts';
import { step } from '../../../src/emulator/britive/default-catalogue.ts';
import type { TenantKnobs } from '../../../src/emulator/britive/knobs.ts';
import { hours, seconds } from '../../support/fake-clock.ts';
import { emulatedTenant, type TenantReply, verdict } from '../../support/tenant-client.ts';

const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const atOnce = [step('checkedOut')];

/** A profile that is checked out, by default at once. */
const checkedOut = async (knobs: Partial<TenantKnobs> = {}, checkout: readonly Step[] = atOnce) => {
  const parts = await emulatedTenant(knobs);
  parts.tenant.people.changeProfile('Build', { checkout });
  const target = parts.client.target('Build');
  const { body } = await parts.client.checkOut(target);
  return { ...parts, target, row: body, id: String(body.transactionId) };
};

const statuses = (rows: TenantReply['body']) => rows.map((row: TenantReply['body']) => row.status);

describe('a checkout', () => {
  it('goes its way to the end, and is listed from the start', async () => {
    const { client, clock } = await emulatedTenant();
    const start = clock.now();
    const { status, body } = await client.checkOut(client.target('Read Only'));
    expect(status).toBe(200);
    expect(body).toEqual({
      transactionId: expect.stringMatching(/^[\da-f-]{36}$/),
      papId: expect.any(String),
      appContainerId: expect.any(String),
      environmentId: '111122223333',
      userId: expect.any(String),
      accessType: 'PROGRAMMATIC',
      status: 'checkOutSubmitted',
      statusText: 'Check Out Submitted',
      checkedOut: at(start),
      checkedIn: null,
      expiration: at(start + hours(4)),
      currentExtensionIndex: 0,
      policyConditionEndTime: null,
      errorMessage: null,
    });
    expect(await client.rows()).toEqual([body]);
    const seen = [];
    for (const ms of [299, 1, 699, 1]) {
      clock.advance(ms);
      seen.push(...statuses(await client.rows()));
    }
    expect(seen).toEqual(['checkOutSubmitted', 'checkOutInProgress', 'checkOutInProgress', 'checkedOut']);
  });

  it('can be missing from the list at first, and stands in the way all the same', async () => {
    const { client, clock, target, id } = await checkedOut({ visibilityDelayMs: 3000 });
    expect(await client.rows()).toEqual([]);
    expect(verdict(await client.checkOut(target))).toBe('400 E1001');
    expect((await client.tokens(id)).status).toBe(200);
    clock.advance(seconds(3));
    expect(statuses(await client.rows())).toEqual(['checkedOut']);
  });

  it('is refused while another one is on its way, live or leaving', async () => {
    const { client, clock, target, id } = await checkedOut({}, [step('checkOutSubmitted'), step('checkedOut', 500)]);
    const refused = await client.checkOut(target);
    expect(refused.body.message).toContain('already checked out profile for this environment');
    clock.advance(500);
    expect(verdict(await client.checkOut(target))).toBe('400 E1001');
    await client.checkIn(id);
    expect(verdict(await client.checkOut(target))).toBe('400 E1001');
    clock.advance(seconds(1));
    const again = await client.checkOut(target);
    expect(again.status).toBe(200);
    expect(again.body.transactionId).not.toBe(id);
  });

  it('leaves other environments and the other access type alone', async () => {
    const { client } = await emulatedTenant();
    const [development, staging] = [client.target('Developer', 'Development'), client.target('Developer', 'Staging')];
    expect((await client.checkOut(development)).status).toBe(200);
    expect((await client.checkOut(staging)).status).toBe(200);
    expect((await client.checkOut(staging, {}, 'CONSOLE')).status).toBe(200);
    expect(await client.rows()).toHaveLength(3);
  });

  it("is nobody else's", async () => {
    const { stranger, tenant, id } = await checkedOut();
    const token = tenant.people.issueApiToken({ userName: 'other@example.com', type: 'DEFAULT', lifeMs: hours(1) });
    const other = stranger.with({ authorization: `TOKEN ${token}` });
    expect(await other.rows()).toEqual([]);
    expect((await other.tokens(id)).status).toBe(404);
    expect((await other.checkIn(id)).status).toBe(404);
  });

  it.each(['checkOutFailed', 'checkOutTimeOut'])('can end as %s, and be tried again', async (status) => {
    const way = [step('checkOutSubmitted'), step(status, 500, 'The role is gone')];
    const { client, clock, target, id } = await checkedOut({}, way);
    clock.advance(500);
    expect(await client.rows()).toMatchObject([{ status, errorMessage: 'The role is gone' }]);
    expect((await client.tokens(id)).status).toBe(404);
    expect(verdict(await client.checkIn(id))).toBe('400 MA-0001');
    expect((await client.checkOut(target)).status).toBe(200);
    expect(statuses(await client.rows())).toEqual(['checkOutSubmitted']);
    clock.advance(hours(5));
    expect(statuses(await client.rows())).toEqual([status]);
  });

  it('can have a status that no client knows', async () => {
    const { client, id } = await checkedOut({}, [step('checkOutPondered'), step('checkedOut', 500)]);
    expect(await client.rows()).toMatchObject([{ status: 'checkOutPondered', statusText: 'Check Out Pondered' }]);
    expect((await client.tokens(id)).status).toBe(404);
  });

  it.each([
    ['vanishes', []],
    ['checkedInExpired', ['checkedInExpired']],
  ] as const)('ends by itself: %s', async (expired, listed) => {
    const { client, clock, target, id } = await checkedOut({ expired });
    clock.advance(hours(4));
    expect(statuses(await client.rows())).toEqual(listed);
    expect(verdict(await client.tokens(id))).toBe('400 MA-0008');
    expect((await client.checkOut(target)).status).toBe(200);
  });

  it('can be taken back by an administrator', async () => {
    const { client, tenant, id } = await checkedOut();
    tenant.people.revokeCheckouts();
    expect(statuses(await client.rows())).toEqual(['checkInSubmitted']);
    expect(verdict(await client.tokens(id))).toBe('400 MA-0008');
  });
});

describe('a check-in', () => {
  it('takes its time, and is done only once', async () => {
    const { client, clock, id } = await checkedOut();
    const { status, body } = await client.checkIn(id);
    expect([status, body.status, body.checkedIn]).toEqual([200, 'checkInSubmitted', at(clock.now())]);
    expect(statuses(await client.rows())).toEqual(['checkInSubmitted']);
    expect(verdict(await client.checkIn(id))).toBe('400 MA-0008');
    clock.advance(seconds(1));
    expect(await client.rows()).toEqual([]);
    expect(verdict(await client.checkIn(id))).toBe('400 MA-0008');
    expect((await client.checkIn('nope')).status).toBe(404);
  });

  it('must say its type', async () => {
    const { client, id } = await checkedOut();
    expect(verdict(await client.ask('PUT', `/api/access/${id}`))).toBe('400 E1000');
  });

  it('can get stuck, and be repeated', async () => {
    const { client, clock, tenant, target, id } = await checkedOut();
    tenant.people.changeProfile('Build', { checkin: [step('checkInSubmitted'), step('checkInFailed', 500)] });
    await client.checkIn(id);
    clock.advance(500);
    expect(statuses(await client.rows())).toEqual(['checkInFailed']);
    expect(verdict(await client.checkOut(target))).toBe('400 E1001');
    tenant.people.changeProfile('Build', { checkin: [step('checkedIn')] });
    expect((await client.checkIn(id)).body.status).toBe('checkedIn');
    expect(await client.rows()).toEqual([]);
  });
});

describe('an extension', () => {
  const extend = (client: Awaited<ReturnType<typeof checkedOut>>['client'], id: string) =>
    client.ask('PATCH', `/api/access/extensions/${id}`);

  it('prolongs a live checkout up to its limit, and not the keys that are out', async () => {
    const { client, clock, id } = await checkedOut();
    const start = clock.now();
    const first = (await client.tokens(id)).body;
    expect((await extend(client, id)).body).toMatchObject({
      currentExtensionIndex: 1,
      expiration: at(start + hours(5)),
    });
    const second = (await client.tokens(id)).body;
    expect([first.expirationTime, second.expirationTime]).toEqual([at(start + hours(4)), at(start + hours(5))]);
    expect(second.accessKeyID).not.toBe(first.accessKeyID);
    expect((await extend(client, id)).status).toBe(200);
    expect(verdict(await extend(client, id))).toBe('400 E1000');
  });

  it('is not for every profile, and not for what has ended', async () => {
    const { client, tenant, id } = await checkedOut();
    tenant.people.changeProfile('Developer', { checkout: atOnce });
    const other = await client.checkOut(client.target('Developer'));
    expect(verdict(await extend(client, other.body.transactionId))).toBe('400 E1000');
    await client.checkIn(id);
    expect(verdict(await extend(client, id))).toBe('400 MA-0008');
  });
});

describe('a row', () => {
  it.each([
    ['utc', '2026-11-21T09:00:00Z'],
    ['fraction', '2026-11-21T09:00:00.000Z'],
    ['offset', '2026-11-21T11:00:00+02:00'],
    ['naive', '2026-11-21 09:00:00'],
    ['garbage', 'soon'],
  ] as const)('writes moments as %s', async (timestamps, text) => {
    const { row } = await checkedOut({ timestamps });
    expect(row.checkedOut).toBe(text);
  });

  it('can lack its access type', async () => {
    const { client } = await checkedOut({ isAccessTypeShown: false });
    expect((await client.rows())[0]).not.toHaveProperty('accessType');
  });

  it('can have fields that nobody knows', async () => {
    const { client, row } = await checkedOut({ extraFields: true });
    expect(row).toHaveProperty('addedLater');
    expect((await client.rows())[0]).toHaveProperty('addedLater');
  });
});
