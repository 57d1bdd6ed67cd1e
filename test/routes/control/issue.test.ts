import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/core/errors.ts';
import { epoch } from '../../../src/core/types.ts';
import { servedFor } from '../../support/fake-broker.ts';
import { controlRequest, openControlPlane } from '../../support/planes.ts';

type Plane = Awaited<ReturnType<typeof openControlPlane>>;

const answers = { justification: 'OPS-7: rotate', ticketType: null, ticketId: null, otp: null };
const asks = { as: 'credentials', force: false, answers };

const issue = (plane: Plane, body: unknown) =>
  plane.connect().send(controlRequest('POST', '/v1/profiles/dev/issue', body));

/** The one caller that waits, once it has come. */
async function waiting({ broker }: Plane) {
  await broker.until(() => broker.waiting.length === 1);
  const [caller] = broker.waiting;
  if (!caller) throw new Error('Nobody waits');
  return caller;
}

/** Every line of the streamed answer, out of its chunks. */
async function lines(connection: ReturnType<Plane['connect']>): Promise<readonly unknown[]> {
  await connection.head();
  const chunks = await connection.through('0\r\n\r\n');
  connection.destroy();
  return chunks.split('\r\n').flatMap((line) => (line.startsWith('{') ? JSON.parse(line) : []));
}

describe('a checkout for a person', () => {
  it('brings their answers to the broker, tells them what it waits for, and ends with the document', async () => {
    const plane = await openControlPlane();
    plane.broker.known.add('dev');
    const answer = issue(plane, { ...asks, force: true });
    const caller = await waiting(plane);
    expect(caller).toMatchObject({ profile: 'dev', wish: { force: true, answers } });
    caller.wish?.progress({ event: 'approval.waiting', detail: 'r-1' });
    const served = servedFor('dev');
    caller.answer({ ...served, transaction: 'txn-1' });
    const document = JSON.parse(Buffer.from(served.process).toString());
    expect(await lines(answer)).toEqual([
      { event: 'progress', name: 'approval.waiting', detail: 'r-1' },
      { event: 'done', transaction: 'txn-1', expiresAt: '2026-11-21T10:00:00.000Z', document },
    ]);
  });

  it('ends with what is missing', async () => {
    const plane = await openControlPlane();
    plane.broker.known.add('dev');
    const answer = issue(plane, asks);
    const message = 'Profile "dev" needs a ticket. Run: credbroker checkout dev';
    (await waiting(plane)).refuse(new BrokerError('TicketRequired', message));
    expect(await lines(answer)).toEqual([{ event: 'failed', code: 'TicketRequired', message }]);
  });

  it('is given up when they leave', async () => {
    const plane = await openControlPlane();
    plane.broker.known.add('dev');
    const connection = issue(plane, asks);
    const { signal } = await waiting(plane);
    const left = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    connection.destroy();
    await left;
    expect(signal.aborted).toBe(true);
  });

  it.each(['payload', 'console'] as const)('asks for a %s beside the credentials of SDKs', async (as) => {
    const plane = await openControlPlane();
    const document = { kind: 'azure', secretText: 'hidden' };
    plane.broker.issued = { transaction: 'txn-2', expiresAt: epoch(Date.parse('2026-11-21T12:00:00Z')), document };
    expect(await lines(issue(plane, { ...asks, as }))).toEqual([
      { event: 'done', transaction: 'txn-2', expiresAt: '2026-11-21T12:00:00.000Z', document },
    ]);
    expect(plane.broker.issues).toMatchObject([{ profile: 'dev', options: { as, wish: { force: false, answers } } }]);
    expect(JSON.stringify(plane.log.lines)).not.toContain('hidden');
  });

  it.each([
    ['nothing', {}],
    ['another kind', { ...asks, as: 'everything' }],
    ['answers that are none', { ...asks, answers: { otp: 1 } }],
    ['a novel', { ...asks, answers: { ...answers, justification: 'x'.repeat(5000) } }],
  ])('refuses %s', async (_what, body) => {
    const plane = await openControlPlane();
    expect((await plane.send('POST', '/v1/profiles/dev/issue', body)).status).toBe(400);
    expect([plane.broker.waiting, plane.broker.issues]).toEqual([[], []]);
  });
});
