import { describe, expect, it } from 'vitest';
import type { Check } from '../../../src/emulator/britive/knobs.ts';
import { emulatedTenant, verdict } from '../../support/tenant-client.ts';

describe('a checkout', () => {
  it('needs an access that exists and that the caller may use', async () => {
    const { client } = await emulatedTenant();
    expect((await client.checkOut('/api/access/nope/environments/111122223333')).status).toBe(404);
    expect((await client.checkOut(client.target('Developer').replace('111122223333', '123456789012'))).status).toBe(
      404,
    );
    expect(verdict(await client.checkOut(client.target('Nobody')))).toBe('403 PE-0002');
  });

  it('needs an access type that exists and that the profile has', async () => {
    const { client, tenant } = await emulatedTenant();
    const target = client.target('Auditor');
    expect((await client.checkOut(target)).body.message).toMatch(/programmatic access is not enabled/i);
    expect((await client.checkOut(target, {}, 'CONSOLE')).status).toBe(200);
    tenant.people.changeProfile('Developer', { accessTypes: ['PROGRAMMATIC'] });
    expect(verdict(await client.checkOut(client.target('Developer'), {}, 'CONSOLE'))).toBe('400 E1001');
    for (const query of ['', '?accessType=CLI', '?accessType=programmatic']) {
      expect(verdict(await client.ask('POST', target + query, {}))).toBe('400 E1000');
    }
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', '400 E1000'],
    ['a list', [], '400 E1000'],
    ['a number for a reason', { justification: 7 }, '400 E1000'],
    ['the one-time password', { otp: '000000' }, '400 E1000'],
    ['a justification of 256 characters', { justification: 'x'.repeat(256) }, '400 E1000'],
    ['a justification of 255 characters', { justification: 'x'.repeat(255) }, '200'],
  ])('judges a body with %s', async (_what, body, said) => {
    const { client } = await emulatedTenant();
    expect(verdict(await client.checkOut(client.target('Developer'), body))).toBe(said);
  });

  it.each([
    [{}, '400 AS-0001'],
    [{ justification: '' }, '400 AS-0001'],
    [{ justification: 'because' }, '400 AS-0002'],
    [{ justification: 'OPS-77: rotate keys' }, '200'],
  ])('with the justification of %j is answered %s', async (body, said) => {
    const { client } = await emulatedTenant();
    expect(verdict(await client.checkOut(client.target('Operator'), body))).toBe(said);
  });

  it.each([
    [{}, '400 AS-0003'],
    [{ ticketId: 'REL-1' }, '400 AS-0004'],
    [{ ticketType: 'issue' }, '400 AS-0005'],
    [{ ticketType: 'task', ticketId: 'REL-1' }, '400 AS-0006'],
    [{ ticketType: 'issue', ticketId: 'REL-9' }, '400 AS-0007'],
    [{ ticketType: 'issue', ticketId: 'REL-1' }, '200'],
  ])('with the ticket of %j is answered %s', async (body, said) => {
    const { client } = await emulatedTenant();
    expect(verdict(await client.checkOut(client.target('Release'), body))).toBe(said);
  });

  it('asks for one thing after the other, in the order of the knob', async () => {
    const { client, tenant } = await emulatedTenant();
    const { people, knobs } = tenant;
    const ticket = { connection: 'jira', types: ['issue'], ids: ['REL-1'] };
    people.changeProfile('Admin', { justification: { pattern: null }, ticket, needsStepUp: true });
    const target = client.target('Admin');
    const first = async (checkOrder: readonly Check[]) => {
      knobs.checkOrder = checkOrder;
      return verdict(await client.checkOut(target));
    };
    expect(await first(knobs.checkOrder)).toBe('403 PE-0028');
    expect(await first(['approval', 'ticket', 'justification', 'stepUp'])).toBe('400 MA-0009');
    expect(await first(['ticket', 'approval', 'justification', 'stepUp'])).toBe('400 AS-0003');
    expect(await first(['justification', 'ticket', 'approval', 'stepUp'])).toBe('400 AS-0001');
    expect(await first([])).toBe('200');
    expect(await first(['active', 'stepUp'])).toBe('400 E1001');
  });

  it('with a second factor, a justification and an approval succeeds in the end', async () => {
    const { client, tenant } = await emulatedTenant();
    tenant.people.changeProfile('Admin', { justification: { pattern: '^OPS-' }, needsStepUp: true });
    const target = client.target('Admin');
    expect(verdict(await client.checkOut(target))).toBe('403 PE-0028');
    await client.ask('POST', '/api/step-up/authenticate/TOTP', { otp: '000000' });
    expect(verdict(await client.checkOut(target))).toBe('400 AS-0001');
    const body = { justification: 'OPS-1' };
    expect(verdict(await client.checkOut(target, body))).toBe('400 MA-0010');
    await client.ask('POST', `${target}/approvalRequest`, body);
    expect(verdict(await client.checkOut(target, body))).toBe('400 MA-0011');
    tenant.people.decideApproval(tenant.people.waitingApprovals()[0] ?? '', 'APPROVED');
    expect(verdict(await client.checkOut(target, body))).toBe('200');
  });
});

describe('the settings of an access', () => {
  it('say what a checkout must say', async () => {
    const { client } = await emulatedTenant();
    const settingsOf = async (name: string) => (await client.get(`${client.target(name)}/settings`)).body;
    const operator = await settingsOf('Operator');
    expect(operator.justificationSetting).toEqual({
      settingsType: 'JUSTIFICATION',
      isJustificationRequired: true,
      isJustificationRequiredAtCheckout: true,
      justificationRegex: '^OPS-[0-9]+: .+',
    });
    expect(operator).not.toHaveProperty('itsmSetting');
    expect((await settingsOf('Release')).itsmSetting).toMatchObject({
      isITSMEnabled: true,
      connectionType: 'jira',
      supportedTicketTypes: ['issue'],
    });
  });

  it('keep silent about approval and second factor, and give back what was said for an approval', async () => {
    const { client, tenant } = await emulatedTenant();
    const settings = async () => (await client.get(`${client.target('Admin')}/settings`)).body;
    const nothing = { justification: null, ticketId: null, ticketType: null };
    expect(await settings()).toEqual({
      profileId: expect.any(String),
      environmentId: '123456789012',
      onCallSettings: { isAutoApproved: false, autoApprovalEndDate: null },
      approvalRequestData: nothing,
    });
    await client.ask('POST', `${client.target('Admin')}/approvalRequest`, { justification: 'please' });
    tenant.people.decideApproval(tenant.people.waitingApprovals()[0] ?? '', 'APPROVED');
    expect((await settings()).approvalRequestData).toEqual({ ...nothing, justification: 'please' });
  });

  it('are not for everybody', async () => {
    const { client } = await emulatedTenant();
    expect((await client.get(`${client.target('Nobody')}/settings`)).status).toBe(403);
    expect((await client.get('/api/access/nope/environments/nope/settings')).status).toBe(404);
  });
});

describe('tickets', () => {
  it('are found and judged', async () => {
    const { client } = await emulatedTenant();
    const itsm = `${client.target('Release')}/itsm/issue`;
    expect((await client.get(`${itsm}/search?searchText=rel-2`)).body).toMatchObject({
      totalCount: 1,
      tickets: [{ id: 'REL-2' }],
    });
    expect((await client.get(`${itsm}/validate/REL-1`)).body).toMatchObject({ success: true });
    expect((await client.get(`${itsm}/validate/REL-9`)).body).toMatchObject({ success: false, ticketDetails: null });
  });

  it('are of a type that the profile has', async () => {
    const { client } = await emulatedTenant();
    expect((await client.get(`${client.target('Release')}/itsm/task/search?searchText=`)).status).toBe(404);
    expect((await client.get(`${client.target('Developer')}/itsm/issue/search?searchText=`)).status).toBe(404);
  });
});
