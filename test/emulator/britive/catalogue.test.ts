import { describe, expect, it } from 'vitest';
import { hours } from '../../support/fake-clock.ts';
import { emulatedTenant, type TenantReply, verdict } from '../../support/tenant-client.ts';

/** Application, environment and profile of every access, whatever shape it came in. */
const triplesOf = ({ body }: TenantReply): readonly string[] => {
  const rows: string[][] = Array.isArray(body)
    ? body.flatMap((app) =>
        app.profiles.flatMap((profile: TenantReply['body']) =>
          profile.environments.map((environment: TenantReply['body']) => [
            app.appContainerId,
            environment.environmentId,
            profile.profileId,
          ]),
        ),
      )
    : body.data
      ? body.data.map((row: TenantReply['body']) => [row.appId, row.environmentId, row.papId])
      : body.accesses.map((row: TenantReply['body']) => [row.appContainerId, row.environmentId, row.papId]);
  return [...new Set(rows.map((row) => row.join(' ')))].sort();
};

describe('GET /api/access', () => {
  it('tells the same in three shapes', async () => {
    const { client } = await emulatedTenant();
    const [a, b, c] = [
      await client.get('/api/access'),
      await client.get('/api/access?type=sdk'),
      await client.get('/api/access?page=0&size=100'),
    ];
    expect(triplesOf(a)).toHaveLength(16);
    expect(triplesOf(b)).toEqual(triplesOf(a));
    expect(triplesOf(c)).toEqual(triplesOf(a));
    expect(a.body[0]).toMatchObject({ appName: 'Cloud', catalogAppName: 'AWS', requiresHierarchicalModel: false });
    expect(a.body[0].profiles[0].environments[0]).toEqual({
      environmentId: '111122223333',
      environmentName: '111122223333 (Development)',
      environmentDescription: '',
      alternateEnvironmentName: 'Development',
      accountId: '111122223333',
    });
    expect(b.body).toMatchObject({
      count: b.body.accesses.length,
      apps: expect.arrayContaining([expect.objectContaining({ catalogAppDisplayName: 'Cloud' })]),
      profiles: expect.arrayContaining([expect.objectContaining({ papName: 'Read Only' })]),
      environments: expect.arrayContaining([
        expect.objectContaining({
          profileEnvironmentProperties: expect.objectContaining({ apiServerUrl: expect.any(String) }),
        }),
      ]),
    });
    expect(c.body.data.find(({ profile }: TenantReply['body']) => profile.papName === 'Build').profile).toMatchObject({
      expirationDuration: hours(4),
      extendable: true,
      extensionDuration: hours(1),
      extensionLimit: 2,
    });
  });

  it('repeats a triple of shape B for each access type', async () => {
    const { client, tenant } = await emulatedTenant();
    tenant.people.changeProfile('Read Only', { accessTypes: ['CONSOLE'] });
    const { body } = await client.get('/api/access?type=sdk&filter=papName%20eq%20"Read%20Only"');
    expect(body.accesses).toHaveLength(3);
    tenant.people.changeProfile('Read Only', { accessTypes: ['CONSOLE', 'PROGRAMMATIC'] });
    expect((await client.get('/api/access?type=sdk&search=read%20only')).body.accesses).toHaveLength(6);
  });

  it('can be truncated until more is asked for', async () => {
    const { client } = await emulatedTenant({ truncateAt: 2 });
    const { body } = await client.get('/api/access?type=sdk');
    expect([body.accesses.length, body.count > 2]).toEqual([2, true]);
    const whole = await client.get(`/api/access?type=sdk&size=${body.count}`);
    expect(whole.body.accesses).toHaveLength(body.count);
  });

  it('goes page by page in shape C', async () => {
    const { client } = await emulatedTenant({ nextLink: 'https://elsewhere.example/api/access?page=1' });
    const first = await client.get('/api/access?page=0');
    const second = await client.get('/api/access?page=1&size=10');
    expect(first.body).toMatchObject({ count: 16, page: 0, size: 20 });
    expect(second.body.data).toHaveLength(6);
    expect(first.headers.get('next-page')).toBe('https://elsewhere.example/api/access?page=1');
  });

  it.each(['A', 'B', 'C'] as const)('can have shape %s whatever was asked for', async (accessShape) => {
    const { client } = await emulatedTenant({ accessShape });
    const asked = await client.get('/api/access?type=sdk');
    expect(['A', 'B', 'C'].indexOf(accessShape)).toBe(Array.isArray(asked.body) ? 0 : 'apps' in asked.body ? 1 : 2);
  });

  it.each([
    ['appType eq "Azure"', 1],
    ['papName co read and environmentId eq 111122223333', 1],
    ['environmentName sw 444455556666', 2],
    ['appName eq cloud', 11],
    ['favorites', 0],
  ])('filters by %s', async (filter, count) => {
    const { client } = await emulatedTenant();
    const { body } = await client.get(`/api/access?page=0&size=100&filter=${encodeURIComponent(filter)}`);
    expect(body.count).toBe(count);
  });

  it.each(['filter=nope', 'filter=appName gt x', 'type=ui', 'page=x'])('refuses %s', async (query) => {
    const { client } = await emulatedTenant();
    expect(verdict(await client.get(`/api/access?${encodeURI(query)}`))).toBe('400 E1000');
  });

  it('says in shape C what stands between the caller and the access', async () => {
    const { client, tenant, clock } = await emulatedTenant();
    const details = async () => {
      const { body } = await client.get('/api/access?page=0&filter=papName%20eq%20Admin');
      return body.data[0].myAccessDetails[0];
    };
    expect(await details()).toMatchObject({ accessType: 'PROGRAMMATIC', status: 'ApprovalRequired' });
    await client.ask('POST', `${client.target('Admin')}/approvalRequest`, { justification: 'please' });
    expect(await details()).toMatchObject({ status: 'Pending', approvalValidityTime: null });
    tenant.people.decideApproval(tenant.people.waitingApprovals()[0] ?? '', 'APPROVED');
    const until = new Date(clock.now() + hours(1)).toISOString().replace('.000', '');
    expect(await details()).toMatchObject({ status: 'ApprovalRequired', approvalValidityTime: until });
  });
});

it('can be gone down step by step', async () => {
  const { client } = await emulatedTenant();
  const apps = await client.get('/api/access/apps');
  const cloud = apps.body.find((app: TenantReply['body']) => app.catalogAppDisplayName === 'Cloud');
  const environments = await client.get(`/api/access/apps/${cloud.appContainerId}/environments`);
  expect(environments.body.map((one: TenantReply['body']) => one.alternateEnvironmentName)).toEqual([
    'Development',
    'Staging',
    'Production',
  ]);
  const paps = await client.get(`/api/access/apps/${cloud.appContainerId}/environments/444455556666/paps`);
  expect(paps.body.map((one: TenantReply['body']) => one.papName)).toEqual(['Developer', 'Read Only']);
  expect((await client.get('/api/access/apps/nope/environments')).status).toBe(404);
});

it('hides what the caller is not entitled to', async () => {
  const { client } = await emulatedTenant();
  for (const query of ['', '?type=sdk', '?page=0&size=100']) {
    expect((await client.get(`/api/access${query}`)).text).not.toContain('Nobody');
  }
});
