import { describe, expect, it } from 'vitest';
import { EffectiveClock } from '../../../src/adapters/effective-clock.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { credentialsOf, errorXml, person, request, world } from './world.ts';

/** Our own clock is off by so much; STS has the right time. */
const off = (skewMs: number) =>
  world({}, ({ now, mono }: Clock) => new EffectiveClock({ wall: () => now() + skewMs, mono }));

describe('case 59: a clock that is', () => {
  it.each([
    ['10 minutes fast', minutes(10), 2],
    ['10 minutes slow', -minutes(10), 2],
    ['three hours fast', minutes(180), 2],
    // STS takes signatures that are less than five minutes old.
    ['4 minutes fast', minutes(4), 1],
  ])('%s is set right by the answer, and the call is signed once more', async (_what, skewMs, calls) => {
    const { role, emulator, clock, dependencies } = await off(skewMs);
    expect((await role().acquire(request())).type).toBe('ok');
    expect(emulator.journal.calls('AssumeRole')).toHaveLength(calls);
    expect(Math.abs(dependencies.clock.now() - clock.now())).toBeLessThan(seconds(2));
  });

  it('wrong while a code is under way costs no second code', async () => {
    const { guarded, code, emulator } = await off(minutes(10));
    expect((await guarded().acquire(request({ wish: person(code()) }))).type).toBe('ok');
    expect(emulator.journal.calls('GetSessionToken').map(({ answer }) => answer?.status)).toEqual([403, 200]);
    const again = await guarded({ durationMs: minutes(120) }).acquire(request({ wish: person(code()) }));
    expect(again).toMatchObject({ why: 'needs-otp', detail: 'that code was used; wait for the next one' });
  });

  it('right is not blamed for a signature that is wrong', async () => {
    const { role, emulator } = await off(0);
    const source = { ...credentialsOf(await role().acquire(request())), secretAccessKey: 'other' };
    expect(await role().acquire(request({ source }))).toMatchObject({ type: 'denied', why: 'forbidden' });
    expect(emulator.journal.calls('AssumeRole')).toHaveLength(2);
  });
});

const refusal = (code: string) =>
  ({
    kind: 'status',
    status: 403,
    body: errorXml(code, 'x'),
    headers: { 'content-type': 'text/xml' },
  }) as const;

it.each([
  ['AuthFailure', 2],
  ['InvalidSignatureException', 2],
  ['RequestExpired', 2],
  ['RequestInTheFuture', 2],
  ['RequestTimeTooSkewed', 2],
  ['SignatureDoesNotMatch', 2],
  ['AccessDenied', 1],
  ['ExpiredToken', 1],
])('asks again after %s %i times in all, and no third time, where the clock was wrong', async (code, calls) => {
  const { role, emulator } = await off(minutes(10));
  emulator.faults.add('AssumeRole', refusal(code));
  expect((await role().acquire(request())).type).not.toBe('ok');
  expect(emulator.journal.calls('AssumeRole')).toHaveLength(calls);
});

it('lets no page set the clock', async () => {
  const { role, emulator, dependencies, clock } = await off(minutes(10));
  emulator.faults.add('AssumeRole', { kind: 'captivePortal' });
  expect(await role().acquire(request())).toMatchObject({ type: 'transient', why: 'captive-portal' });
  expect(dependencies.clock.now()).toBe(clock.now() + minutes(10));
});
