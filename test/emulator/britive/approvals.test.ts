import { describe, expect, it } from 'vitest';
import type { ApprovalStatus } from '../../../src/emulator/britive/approvals.ts';
import type { TenantKnobs } from '../../../src/emulator/britive/knobs.ts';
import { hours, minutes } from '../../support/fake-clock.ts';
import { emulatedTenant, type TenantReply, verdict } from '../../support/tenant-client.ts';

const justification = 'because';

const prepared = async (knobs: Partial<TenantKnobs> = {}) => {
  const parts = await emulatedTenant(knobs);
  const target = parts.client.target('Admin');
  const ask = (body: unknown = { justification }, where = target) =>
    parts.client.ask('POST', `${where}/approvalRequest`, body);
  const checkOut = async () => verdict(await parts.client.checkOut(target, { justification }));
  return { ...parts, target, ask, checkOut };
};

const requested = async (knobs: Partial<TenantKnobs> = {}) => {
  const parts = await prepared(knobs);
  const id = String((await parts.ask()).body.requestId);
  const status = async (): Promise<string> => (await parts.client.get(`/api/v1/approvals/${id}`)).body.status;
  return { ...parts, id, status };
};

describe('a request', () => {
  it('is needed before the checkout, and has a reason', async () => {
    const { client, target, ask, checkOut } = await prepared();
    expect(verdict(await client.checkOut(target))).toBe('400 MA-0009');
    expect(await checkOut()).toBe('400 MA-0010');
    expect(verdict(await ask({}))).toBe('400 MA-0009');
    const { status, body } = await ask();
    expect([status, body]).toEqual([200, { requestId: expect.stringMatching(/^[\da-f-]{36}$/) }]);
    expect(await checkOut()).toBe('400 MA-0011');
    expect(verdict(await ask())).toBe('400 MA-0011');
  });

  it('tells all about itself, to its owner alone', async () => {
    const { client, clock, id, tenant, stranger } = await requested();
    const at = (ms: number) => new Date(ms).toISOString().replace('.000', '');
    expect((await client.get(`/api/v1/approvals/${id}`)).body).toEqual({
      requestId: id,
      userId: 'dev@example.com',
      consumer: 'papservice',
      action: 'papservice.profile.access',
      resource: expect.stringMatching(/^\w{20}\/123456789012$/),
      justification,
      approvers: { userIds: ['approver@example.com'] },
      createdAt: at(clock.now()),
      status: 'PENDING',
      validFor: 60,
      timeToApprove: 10,
      expirationTimeForApproveRequest: at(clock.now() + minutes(10)),
    });
    const token = tenant.people.issueApiToken({ userName: 'other@example.com', type: 'DEFAULT', lifeMs: hours(1) });
    const other = stranger.with({ authorization: `TOKEN ${token}` });
    expect((await other.get(`/api/v1/approvals/${id}`)).status).toBe(404);
  });

  it('once approved can be used for an hour, and asked for again without a word', async () => {
    const { tenant, id, status, checkOut, ask, clock, client } = await requested();
    tenant.people.decideApproval(id, 'APPROVED');
    expect([await status(), (await ask()).text]).toEqual(['APPROVED', '']);
    expect(await checkOut()).toBe('200');
    clock.advance(hours(1));
    expect(await client.rows()).toEqual([]);
    expect([await status(), await checkOut()]).toEqual(['EXPIRED', '400 MA-0010']);
  });

  it.each<Exclude<ApprovalStatus, 'PENDING' | 'APPROVED'>>([
    'REJECTED',
    'TIMEOUT',
    'CANCELLED',
    'WITHDRAWN',
    'REVOKED',
    'EXPIRED',
  ])('that is %s opens nothing, and another one can be made', async (decision) => {
    const { tenant, id, status, checkOut, ask } = await requested();
    tenant.people.decideApproval(id, decision);
    expect([await status(), await checkOut()]).toEqual([decision, '400 MA-0010']);
    expect((await ask()).body.requestId).not.toBe(id);
  });

  it('times out when nobody answers', async () => {
    const { status, clock, checkOut } = await requested();
    clock.advance(minutes(10));
    expect([await status(), await checkOut()]).toEqual(['TIMEOUT', '400 MA-0010']);
  });

  it('is granted without a word where the tenant does so, or where none is needed', async () => {
    const { ask, checkOut, client } = await prepared({ alreadyApproved: true });
    expect(await ask()).toMatchObject({ status: 200, text: '' });
    expect(await checkOut()).toBe('200');
    expect(await ask({ justification }, client.target('Developer'))).toMatchObject({ status: 200, text: '' });
  });

  it('is judged as the checkout will be', async () => {
    const { ask, client } = await prepared();
    expect(verdict(await ask({ justification }, client.target('Operator')))).toBe('400 AS-0002');
    expect(verdict(await ask({ justification, ticketType: 'issue' }, client.target('Release')))).toBe('400 AS-0005');
    expect(verdict(await ask({ justification }, client.target('Nobody')))).toBe('403 PE-0002');
  });
});

describe('a withdrawal', () => {
  it('goes by identifier or by target, once', async () => {
    const { client, id, status, ask, target } = await requested();
    expect((await client.ask('DELETE', `/api/v1/approvals/${id}`)).status).toBe(204);
    expect(await status()).toBe('WITHDRAWN');
    expect(verdict(await client.ask('DELETE', `/api/v1/approvals/${id}`))).toBe('400 E1000');
    await ask();
    const [, , , papId, , environmentId] = target.split('/');
    const path = `/api/v1/approvals/consumer/papservice/resource?resourceId=${papId}/${environmentId}`;
    expect((await client.ask('DELETE', path)).status).toBe(204);
    expect((await client.ask('DELETE', path)).status).toBe(404);
  });
});

describe('the list of requests', () => {
  it.each([
    ['array', (body: TenantReply['body']) => body],
    ['result', (body: TenantReply['body']) => body.result],
    ['data', (body: TenantReply['body']) => body.data],
  ] as const)('can be an %s', async (approvalList, read) => {
    const { client, id } = await requested({ approvalList });
    const { body } = await client.get('/api/v1/approvals?requestType=myRequests');
    expect(read(body)).toMatchObject([{ requestId: id, status: 'PENDING' }]);
  });

  it('can be narrowed to a status', async () => {
    const { client, id, tenant } = await requested();
    const list = async (query: string) => (await client.get(`/api/v1/approvals?${query}`)).body;
    expect(await list('requestType=myRequests&filter=status%20eq%20PENDING')).toHaveLength(1);
    tenant.people.decideApproval(id, 'REJECTED');
    expect(await list('requestType=myRequests&filter=status%20eq%20PENDING')).toEqual([]);
    expect(await list('requestType=myApprovals')).toEqual([]);
    expect(await list('requestType=all')).toMatchObject({ errorCode: 'E1000' });
  });
});

describe('the approver', () => {
  const answer = (url: string, request: string, decision: string) =>
    fetch(`${url}/approvals`, { method: 'POST', body: new URLSearchParams({ request, decision }) });

  it('sees on a page who waits for what, and why', async () => {
    const { tenant, ask } = await prepared();
    expect(await (await fetch(`${tenant.url}/approvals`)).text()).toContain('Nobody waits');
    await ask({ justification: '<b>now</b>' });
    const text = await (await fetch(`${tenant.url}/approvals`)).text();
    expect(text).toContain('dev@example.com asks for <strong>Cloud/Production/Admin</strong>');
    expect(text).toContain('&lt;b&gt;now&lt;/b&gt;');
  });

  it.each([
    ['allow', 'APPROVED'],
    ['deny', 'REJECTED'],
  ])('answers with a button: %s', async (decision, decided) => {
    const { tenant, id, status } = await requested();
    expect(await (await answer(tenant.url, id, decision)).text()).toContain('Nobody waits');
    expect(await status()).toBe(decided);
    await answer(tenant.url, id, 'allow');
    expect(await status()).toBe(decided);
  });
});
