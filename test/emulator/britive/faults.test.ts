import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isOperation } from '../../../src/emulator/operations.ts';
import { emulatedTenant, verdict } from '../../support/tenant-client.ts';

describe('a fault of the tenant', () => {
  it('can lose the answer of a checkout that took effect', async () => {
    const { client, emulator } = await emulatedTenant();
    emulator.faults.add('BritiveCheckout', { kind: 'resetAfter' }, { times: 1 });
    await expect(client.checkOut(client.target('Developer'))).rejects.toThrow();
    expect(await client.rows()).toHaveLength(1);
    expect(verdict(await client.checkOut(client.target('Developer')))).toBe('400 E1001');
  });

  it('can be an answer without a body, a code of its own, or a way to another origin', async () => {
    const { client, emulator } = await emulatedTenant();
    const faults = [
      { kind: 'status', status: 200, body: '' },
      { kind: 'status', status: 401, body: { errorCode: 'AU-0021' } },
      { kind: 'status', status: 302, headers: { location: 'https://elsewhere.example/' } },
    ] as const;
    for (const fault of faults) emulator.faults.add('BritiveStatus', fault, { times: 1 });
    const [empty, locked, moved] = [
      await client.get('/api/access/app-access-status'),
      await client.get('/api/access/app-access-status'),
      await client.get('/api/access/app-access-status'),
    ];
    expect([empty.status, empty.text]).toEqual([200, '']);
    expect(verdict(locked)).toBe('401 AU-0021');
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
  });

  it('can be an answer that comes byte by byte', async () => {
    const { client, emulator, tenant } = await emulatedTenant();
    emulator.faults.add('BritiveFeatures', { kind: 'trickle', ms: 1 }, { times: 1 });
    expect((await client.get('/api/features')).body).toEqual(tenant.knobs.features);
    const [entry] = await emulator.journal.finished('BritiveFeatures');
    expect(entry).toMatchObject({ fault: 'trickle', done: true });
  });

  it('that comes byte by byte ends with the client', async () => {
    const { client, emulator, tenant } = await emulatedTenant();
    emulator.faults.add('BritiveFeatures', { kind: 'trickle', ms: 600_000 });
    const leave = new AbortController();
    const asked = await fetch(`${tenant.url}/api/features`, { headers: client.headers, signal: leave.signal });
    leave.abort();
    await expect(asked.text()).rejects.toThrow('aborted');
    await emulator.close();
  });
});

it('has its operations named in the documentation', () => {
  const names = [...readFileSync('docs/emulator.md', 'utf8').matchAll(/`(Britive\w+)`/g)].map(([, name]) => name);
  expect([names.length, names.filter((name) => !isOperation(name))]).toEqual([24, []]);
});
