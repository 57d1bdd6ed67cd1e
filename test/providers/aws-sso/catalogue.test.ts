import { describe, expect, it } from 'vitest';
import { never, portalOrigin, SsoWorld, sessionRecord, sessionSettings } from '../../support/sso-world.ts';

const accountId = (n: number): string => String(n).padStart(12, '0');
const accountList = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ accountId: accountId(from + i), accountName: `Account ${from + i}` }));
const accountsPath = '/assignment/accounts?max_result=100';
const rolesPath = (n: number) => `/assignment/roles?account_id=${accountId(n)}&max_result=100`;

const read = (world: SsoWorld, signal = never, progress: (accounts: number, done: number) => void = () => {}) =>
  world.drive(world.provider.catalogue(sessionSettings(), { record: sessionRecord(world.clock), progress, signal }));

describe('the catalogue', () => {
  it('case 49: reads every page, an empty one and one that ends with null included', async () => {
    const world = new SsoWorld();
    world.portal(accountsPath, 200, { accountList: accountList(1, 1), nextToken: 'two words' });
    world.portal(`${accountsPath}&next_token=two+words`, 200, { accountList: [], nextToken: 'last' });
    world.portal(`${accountsPath}&next_token=last`, 200, { accountList: accountList(2, 1), nextToken: null });
    world.portal(rolesPath(1), 200, { roleList: [{ roleName: 'A' }], nextToken: 'more' });
    world.portal(`${rolesPath(1)}&next_token=more`, 200, { roleList: [{ roleName: 'B' }], nextToken: '' });
    world.portal(rolesPath(2), 200, { roleList: [] });
    expect(await read(world)).toMatchObject({
      type: 'ok',
      value: [
        { accountId: accountId(1), accountName: 'Account 1', roleName: 'A', offer: null },
        { accountId: accountId(1), accountName: 'Account 1', roleName: 'B', offer: null },
      ],
    });
  });

  it('case 48: lists 300 accounts through a storm of 429, at most 10 calls a second', async () => {
    const world = new SsoWorld();
    for (const page of [0, 1, 2]) {
      const token = page === 0 ? '' : `&next_token=page-${page}`;
      const nextToken = page === 2 ? null : `page-${page + 1}`;
      world.portal(accountsPath + token, 200, { accountList: accountList(page * 100, 100), nextToken });
    }
    for (let n = 0; n < 300; n++) {
      if (n % 7 === 0)
        world.agent
          .get(portalOrigin)
          .intercept({ path: rolesPath(n) })
          .reply(429, { message: 'busy' });
      world.portal(rolesPath(n), 200, { roleList: [{ roleName: `Role ${n}` }] });
    }
    const verdict = await read(world);
    if (verdict.type !== 'ok') return expect.unreachable(JSON.stringify(verdict));
    expect(verdict.value.map(({ roleName }) => roleName)).toEqual(Array.from({ length: 300 }, (_, n) => `Role ${n}`));
    expect(busiestSecond(world)).toBeLessThanOrEqual(10);
  });

  it.each([
    ['9', 9_000],
    ['86400', 30_000],
  ])('waits as long as a 429 says, within reason: %s s', async (seconds, waitMs) => {
    const world = new SsoWorld();
    const headers = { 'retry-after': seconds };
    world.agent.get(portalOrigin).intercept({ path: accountsPath }).reply(429, {}, { headers });
    world.portal(accountsPath, 200, { accountList: [] });
    expect(await read(world)).toMatchObject({ type: 'ok', value: [] });
    const [first, second] = world.sent.map(({ at }) => at);
    expect(Number(second) - Number(first)).toBe(waitMs);
  });

  it('gives up a call that fails eight times', async () => {
    const world = new SsoWorld();
    world.agent.get(portalOrigin).intercept({ path: accountsPath }).reply(503, {}).times(8);
    expect(await read(world)).toMatchObject({ type: 'transient', why: '5xx' });
  });

  it('reports how far it is', async () => {
    const world = new SsoWorld();
    world.portal(accountsPath, 200, { accountList: accountList(1, 2) });
    for (const n of [1, 2]) world.portal(rolesPath(n), 200, { roleList: [] });
    const reports: (readonly number[])[] = [];
    await read(world, never, (accounts, done) => reports.push([accounts, done]));
    expect(reports).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
  });

  it('leaves out the roles of an account that was taken away meanwhile', async () => {
    const world = new SsoWorld();
    world.portal(accountsPath, 200, { accountList: accountList(1, 2) });
    world.portal(rolesPath(1), 404, { message: 'gone' });
    world.portal(rolesPath(2), 200, { roleList: [{ roleName: 'A' }] });
    expect(await read(world)).toMatchObject({ type: 'ok', value: [{ accountId: accountId(2) }] });
  });

  it('stops at a token that is refused on the way', async () => {
    const world = new SsoWorld();
    world.portal(accountsPath, 200, { accountList: accountList(1, 300) });
    world.agent.get(portalOrigin).intercept({ path: /roles/ }).reply(401, { message: 'no' }).times(4);
    expect(await read(world)).toMatchObject({ type: 'unauthorized' });
    expect(world.sentTo('/assignment/roles')).toHaveLength(4);
  });

  it('stops when told to', async () => {
    const world = new SsoWorld();
    const controller = new AbortController();
    world.portal(accountsPath, 200, { accountList: accountList(1, 300) });
    const verdict = await read(world, controller.signal, () => controller.abort());
    expect(verdict).toMatchObject({ type: 'transient', why: 'aborted' });
    expect(world.sent).toHaveLength(1);
  });
});

function busiestSecond(world: SsoWorld): number {
  const times = world.sent.map(({ at }) => at);
  return Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + 1000).length));
}
