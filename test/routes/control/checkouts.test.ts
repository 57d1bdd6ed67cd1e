import { describe, expect, it } from 'vitest';
import type { CheckoutView } from '../../../src/core/checkout-views.ts';
import { BrokerError } from '../../../src/core/errors.ts';
import { session } from '../../support/fake-daemon.ts';
import { controlRequest, openControlPlane } from '../../support/planes.ts';

const row = (of: string): CheckoutView => ({
  ...{ session: of, profile: null, id: 'pap/env', path: null, access: 'programmatic', status: 'checkedOut' },
  ...{ live: true, expiresAt: null, transaction: `of ${of}` },
});

async function plane(...tenants: readonly string[]) {
  const made = await openControlPlane();
  made.broker.sessionViews = [session('work'), ...tenants.map((name) => session(name, { provider: 'britive' }))];
  return made;
}

const path = '/v1/checkouts';
const patient = { waitMs: 60_000 };

describe('checkouts', () => {
  it('are those of every tenant, and of no other session', async () => {
    const { broker, send } = await plane('a', 'b');
    const asked: string[] = [];
    broker.checkedOut = async (name) => {
      asked.push(name);
      return [row(name)];
    };
    const { status, body } = await send('POST', path, patient);
    expect([status, JSON.parse(body)]).toEqual([200, { checkouts: [row('a'), row('b')], failures: [] }]);
    expect(asked).toEqual(['a', 'b']);
  });

  it('of one tenant are not hidden by the failure of another', async () => {
    const { broker, send } = await plane('a', 'b');
    const message = 'Not signed in to "a". Run: credbroker login a';
    broker.checkedOut = async (name) => {
      if (name === 'a') throw new BrokerError('LoginRequired', message);
      return [row(name)];
    };
    expect(JSON.parse((await send('POST', path, patient)).body)).toEqual({
      checkouts: [row('b')],
      failures: [{ session: 'a', code: 'LoginRequired', message }],
    });
  });

  it('are not waited for longer than the caller says', async () => {
    const { broker, send, log } = await plane('slow', 'quick');
    broker.checkedOut = (name, signal) =>
      name === 'quick'
        ? Promise.resolve([row(name)])
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    expect(JSON.parse((await send('POST', path, { waitMs: 1 })).body)).toEqual({
      checkouts: [row('quick')],
      failures: [{ session: 'slow', code: 'UpstreamUnavailable', message: 'It did not answer in time' }],
    });
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('are not asked for any more once the caller has left', async () => {
    const { broker, connect } = await plane('a');
    const left = new Promise<void>((resolve) => {
      broker.checkedOut = (_name, signal) => {
        signal.addEventListener('abort', () => resolve());
        connection.destroy();
        return new Promise(() => {});
      };
    });
    const connection = connect().send(controlRequest('POST', path, patient));
    await left;
  });

  it.each([{}, { waitMs: 0 }, { waitMs: 'soon' }])('are not asked for with %j', async (body) => {
    const { send } = await plane();
    expect((await send('POST', path, body)).status).toBe(400);
  });
});

describe('a checkout', () => {
  it('is given back by its session and transaction, whatever characters they have', async () => {
    const { broker, connect } = await plane('a/b');
    const connection = connect().send(controlRequest('POST', '/v1/sessions/a%2Fb/checkouts/txn%2F1/checkin'));
    expect((await connection.head()).status).toBe(204);
    connection.destroy();
    expect(broker.givenBack).toEqual([['a/b', 'txn/1', expect.any(AbortSignal)]]);
  });
});

describe('a name', () => {
  it('is answered with what it may mean', async () => {
    const { broker, send } = await plane();
    const match = { exact: false, candidates: [{ name: 'admin', path: 'Cloud/Prod/Admin' }] };
    broker.matches.set('Cloud/ad min', match);
    const { status, body } = await send('POST', '/v1/matches', { name: 'Cloud/ad min' });
    expect([status, JSON.parse(body)]).toEqual([200, match]);
  });
});
