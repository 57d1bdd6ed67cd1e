import { describe, expect, it } from 'vitest';
import type { ConsoleRequest } from '../../src/core/errand-upstream.ts';
import type { Verdict } from '../../src/core/types.ts';
import { hours, settled } from '../support/fake-clock.ts';
import { ok, unauthorized } from '../support/fake-upstream.ts';
import { testBroker } from '../support/test-broker.ts';

const signal = new AbortController().signal;
const page = 'https://signin.example/federation?Action=login&SigninToken=secret';

async function world(verdict: Verdict<string> = ok(page)) {
  const asked: ConsoleRequest[] = [];
  const parts = await testBroker({
    stored: (upstream) => upstream.record(hours(8)),
    errands: {
      console: async (request) => {
        asked.push(request);
        return verdict;
      },
    },
  });
  const opened = parts.broker.errands.issue('dev', { as: 'console', wish: null, signal });
  opened.catch(() => {});
  await settled();
  const keys = parts.upstream.credentials(hours(1));
  parts.upstream.acquires[0]?.answer(ok(keys));
  return { ...parts, opened, asked, keys };
}

describe('the AWS console of a profile', () => {
  it('is opened with the credentials that programs get', async () => {
    const { opened, asked, keys, log } = await world();
    expect(await opened).toEqual({ transaction: null, expiresAt: null, document: { url: page } });
    const { accessKeyId, secretAccessKey, sessionToken } = keys;
    expect(asked).toMatchObject([{ keys: { accessKeyId, secretAccessKey, sessionToken }, standing: 'role' }]);
    expect(JSON.stringify(log.lines)).not.toContain('SigninToken');
  });

  it('costs no credentials of its own', async () => {
    const { broker, opened, upstream } = await world();
    await opened;
    await broker.errands.issue('dev', { as: 'console', wish: null, signal });
    expect(upstream.acquires).toHaveLength(1);
  });

  it('is said to be refused by whom it is refused', async () => {
    const { opened } = await world({ type: 'denied', why: 'bad-request', detail: 'closed to these keys' });
    await expect(opened).rejects.toMatchObject({
      code: 'AccessDenied',
      message: 'The AWS console denied access: closed to these keys',
    });
    await expect((await world(unauthorized)).opened).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
