import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/types.ts';
import type { Answers, ProgressEvent, Wish } from '../../src/core/wish.ts';
import { minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, transient } from '../support/fake-upstream.ts';
import { type Asked, testBroker, told, warmBroker } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

const silent: Answers = { justification: null, ticketType: null, ticketId: null, otp: null };
const needsJustification: Verdict<never> = { type: 'denied', why: 'needs-justification', detail: 'AS-0001' };
const needsApproval: Verdict<never> = { type: 'denied', why: 'needs-approval', detail: 'MA-0010' };

const justificationNeeded = 'Profile "dev" needs a justification. Run: credbroker checkout dev';
const approvalNeeded = 'Profile "dev" needs an approval. Run: credbroker checkout dev';
const approvalAwaited = 'Profile "dev" waits for an approval. Run: credbroker status';

interface Person {
  readonly asked: Asked;
  readonly heard: readonly ProgressEvent[];
  readonly leave: () => void;
}

/** Somebody at a terminal asks for `dev`. */
function person({ get }: Parts, answers: Partial<Answers> = {}): Person {
  const heard: ProgressEvent[] = [];
  const gone = new AbortController();
  const wish: Wish = { force: false, answers: { ...silent, ...answers }, progress: (event) => void heard.push(event) };
  const asked = get('dev', { holdMs: minutes(20), signal: gone.signal, wish });
  return { asked, heard, leave: () => gone.abort(new Error('left')) };
}

const program = ({ get }: Parts): Asked => get('dev', { holdMs: seconds(120) });

const justifications = ({ upstream }: Parts) =>
  upstream.requests.map(({ wish }) => (wish ? wish.answers.justification : 'a program'));

/** Upstream asks somebody for an approval. */
async function approvalWaits({ upstream }: Parts, call: number): Promise<void> {
  await settled();
  upstream.requests[call]?.wish?.progress({ event: 'approval.waiting', detail: 'r-1' });
  await settled();
}

describe('a person who asks for credentials', () => {
  it('has their answers brought upstream, where a program has none', async () => {
    const parts = await testBroker();
    program(parts);
    await settled();
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    person(parts, { justification: 'OPS-1' });
    await settled();
    expect(justifications(parts)).toEqual(['a program', 'OPS-1']);
  });

  it('is not told of what a program was refused for', async () => {
    const parts = await testBroker();
    const client = program(parts);
    await settled();
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    expect(told(client)).toBe(justificationNeeded);
    const { asked } = person(parts, { justification: 'OPS-1' });
    await settled();
    parts.upstream.acquires[1]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
  });

  it('is asked for again with their answers when a call that began without them fails', async () => {
    const parts = await testBroker();
    const client = program(parts);
    await settled();
    const { asked } = person(parts, { justification: 'OPS-1' });
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    expect([justifications(parts), told(asked)]).toEqual([['a program', 'OPS-1'], 'waiting']);
    expect(told(client)).toBe(justificationNeeded);
    parts.upstream.acquires[1]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
  });

  it('is told what is still missing', async () => {
    const parts = await testBroker();
    const { asked } = person(parts);
    await settled();
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    expect(asked.outcome).toMatchObject({ code: 'JustificationRequired', message: justificationNeeded });
  });

  it('hears what it waits for, and so does whoever joins', async () => {
    const parts = await testBroker();
    const one = person(parts);
    await settled();
    parts.upstream.requests[0]?.wish?.progress({ event: 'checkout.post', detail: null });
    const other = person(parts);
    parts.upstream.requests[0]?.wish?.progress({ event: 'checkout.wait', detail: null });
    const names = ({ heard }: Person) => heard.map(({ event }) => event);
    expect([names(one), names(other)]).toEqual([['checkout.post', 'checkout.wait'], ['checkout.wait']]);
  });

  it('is asked for again when they came with answers after another person, who had none', async () => {
    const parts = await testBroker();
    const one = person(parts);
    await settled();
    const other = person(parts, { justification: 'OPS-2' });
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    expect([told(one.asked), told(other.asked)]).toEqual([justificationNeeded, 'waiting']);
    expect(justifications(parts)).toEqual([null, 'OPS-2']);
  });

  it('hears at once what a call waits for that began before them', async () => {
    const parts = await testBroker();
    person(parts);
    await settled();
    parts.upstream.requests[0]?.wish?.progress({ event: 'checkout.wait', detail: null });
    const later = person(parts);
    expect(later.heard).toEqual([{ event: 'checkout.wait', detail: null }]);
    parts.upstream.acquires[0]?.answer(needsJustification);
    await settled();
    expect(person(parts).heard).toEqual([]);
  });

  it('is served what is held, whatever they bring', async () => {
    const parts = await warmBroker();
    const { asked } = person(parts, { justification: 'OPS-1' });
    await settled();
    expect([told(asked), parts.upstream.acquires.length]).toEqual(['generation 1', 1]);
  });
});

describe('a checkout that waits for an approval', () => {
  it('may take longer than any other call', async () => {
    const parts = await testBroker();
    const { asked } = person(parts, { justification: 'OPS-1' });
    await approvalWaits(parts, 0);
    await parts.clock.advance(minutes(9));
    expect([told(asked), parts.upstream.acquires[0]?.signal.aborted]).toEqual(['waiting', false]);
    parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
  });

  it('keeps no program waiting', async () => {
    const parts = await testBroker();
    const { asked } = person(parts, { justification: 'OPS-1' });
    await settled();
    const before = program(parts);
    await approvalWaits(parts, 0);
    const after = program(parts);
    await settled();
    expect([told(before), told(after), told(asked)]).toEqual([approvalAwaited, approvalAwaited, 'waiting']);
  });

  it('is given up when the person leaves', async () => {
    const parts = await testBroker();
    const { leave } = person(parts, { justification: 'OPS-1' });
    await approvalWaits(parts, 0);
    leave();
    await settled();
    expect(parts.upstream.acquires[0]?.signal.aborted).toBe(true);
  });

  it('goes on while another person waits for it', async () => {
    const parts = await testBroker();
    const one = person(parts, { justification: 'OPS-1' });
    const other = person(parts);
    await approvalWaits(parts, 0);
    one.leave();
    await settled();
    expect([parts.upstream.acquires[0]?.signal.aborted, told(other.asked)]).toEqual([false, 'waiting']);
  });

  it('is given up when it is asked for after the person has left', async () => {
    const parts = await testBroker();
    const { leave } = person(parts, { justification: 'OPS-1' });
    await settled();
    leave();
    await approvalWaits(parts, 0);
    expect(parts.upstream.acquires[0]?.signal.aborted).toBe(true);
  });
});

describe('a gate that programs meet', () => {
  const gateMet = ({ notices }: Parts) => notices.filter(({ kind }) => kind === 'gate-met').map((one) => one.message);
  const meet = async (parts: Parts, verdict: Verdict<never> = needsApproval) => {
    const asked = program(parts);
    await settled();
    parts.upstream.acquires.at(-1)?.answer(verdict);
    await settled();
    return told(asked);
  };

  it('is told to the person once, and to each program at once', async () => {
    const parts = await testBroker();
    expect(await meet(parts)).toBe(approvalNeeded);
    await parts.clock.advance(minutes(10));
    expect(await meet(parts)).toBe(approvalNeeded);
    expect(gateMet(parts)).toEqual([approvalNeeded]);
  });

  it('is told again after a person has been here', async () => {
    const parts = await testBroker();
    await meet(parts);
    const { asked } = person(parts);
    await settled();
    parts.upstream.acquires.at(-1)?.answer(needsApproval);
    await settled();
    expect([told(asked), gateMet(parts).length]).toEqual([approvalNeeded, 1]);
    await parts.clock.advance(minutes(10));
    await meet(parts);
    expect(gateMet(parts)).toHaveLength(2);
  });

  it('is no reason to notify anybody of an outage or of a plain refusal', async () => {
    const parts = await testBroker();
    await meet(parts, transient());
    await parts.clock.advance(minutes(10));
    await meet(parts, { type: 'denied', why: 'forbidden', detail: 'no' });
    expect(gateMet(parts)).toEqual([]);
  });
});
