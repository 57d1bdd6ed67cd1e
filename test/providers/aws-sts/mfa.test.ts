import { describe, expect, it } from 'vitest';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { freePort } from '../../support/free-port.ts';
import { mfaSerial, roles, wrong } from '../../support/sts-world.ts';
import { credentialsOf, errorXml, person, request, world } from './world.ts';

const needsOtp = (detail: string) => ({ type: 'denied', why: 'needs-otp', detail });
const used = needsOtp('that code was used; wait for the next one');
const refused = needsOtp('the one-time password is not accepted; wait for the next one');
const asked = needsOtp(`a one-time password of the MFA device "${mfaSerial}" is needed`);

describe('one code', () => {
  it('opens every role of its device, for programs too, until its session ends', async () => {
    const { guarded, role, code, calls, clock, emulator } = await world();
    const first = credentialsOf(await guarded().acquire(request({ wish: person(code()) })));
    expect(first.expiresAt).toBe(clock.now() + hours(1));
    clock.advance(hours(11));
    expect((await guarded().acquire(request())).type).toBe('ok');
    expect((await role({ roleArn: roles.open.arn, mfaSerial }).acquire(request())).type).toBe('ok');
    expect(calls('GetSessionToken')).toHaveLength(1);
    expect(calls('AssumeRole').map((call) => call.get('SerialNumber'))).toEqual([null, null, null]);
    clock.advance(hours(1) - minutes(1));
    expect(await guarded().acquire(request())).toEqual(asked);
    assertMatchesModels(emulator.journal);
  });

  it('is shared by all who come while it is on its way, whatever they bring', async () => {
    const { guarded, code, calls, emulator } = await world();
    const held = emulator.faults.add('GetSessionToken', { kind: 'hold' });
    const bringers = [person(code()), person(code()), person('000000'), null];
    const all = bringers.map((wish) => guarded().acquire(request({ wish })));
    await emulator.journal.waitFor(({ operation }) => operation === 'GetSessionToken');
    held.release();
    expect((await Promise.all(all)).map(({ type }) => type)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(calls('GetSessionToken')).toHaveLength(1);
  });

  it('that fails for one leaves the next with their own', async () => {
    const { guarded, code, calls, emulator } = await world();
    const held = emulator.faults.add('GetSessionToken', { kind: 'hold' });
    const first = guarded().acquire(request({ wish: person(wrong(code())) }));
    const second = guarded().acquire(request({ wish: person(code()) }));
    const program = guarded().acquire(request());
    await emulator.journal.waitFor(({ operation }) => operation === 'GetSessionToken');
    held.release();
    expect(await first).toEqual(refused);
    expect((await second).type).toBe('ok');
    expect((await program).type).toBe('ok');
    expect(calls('GetSessionToken')).toHaveLength(2);
  });

  it('goes straight to the role for more than an hour, and is never sent twice', async () => {
    const { guarded, code, calls, clock } = await world();
    const long = guarded({ durationMs: hours(12) });
    const first = credentialsOf(await long.acquire(request({ wish: person(code()) })));
    expect(first.expiresAt).toBe(clock.now() + hours(12));
    expect(calls('AssumeRole')[0]?.get('SerialNumber')).toBe(mfaSerial);
    expect(await long.acquire(request({ wish: person(code()) }))).toEqual(used);
    expect(await guarded().acquire(request({ wish: person(code()) }))).toEqual(used);
    expect(calls('AssumeRole')).toHaveLength(1);
    expect(calls('GetSessionToken')).toHaveLength(0);
    clock.advance(seconds(30));
    expect((await long.acquire(request({ wish: person(code()) }))).type).toBe('ok');
  });

  it.each([
    [seconds(89), used],
    [seconds(90), refused],
  ])('is remembered for the steps in which AWS could take it, %i ms later too', async (laterMs, verdict) => {
    const { guarded, code, clock } = await world();
    const spent = code();
    await guarded().acquire(request({ wish: person(wrong(spent)) }));
    clock.advance(laterMs);
    expect(await guarded().acquire(request({ wish: person(wrong(spent)) }))).toEqual(verdict);
  });

  it('that never left is none that was used', async () => {
    const { guarded, code } = await world();
    const gone = guarded({ stsEndpoint: `http://127.0.0.1:${await freePort()}` });
    const unreachable = await gone.acquire(request({ wish: person(code()) }));
    expect(unreachable).toMatchObject({ type: 'transient', why: 'connect' });
    expect((await guarded().acquire(request({ wish: person(code()) }))).type).toBe('ok');
  });

  it('whose answer is lost counts as used', async () => {
    const { guarded, code, emulator } = await world();
    emulator.faults.add('GetSessionToken', { kind: 'resetBefore' }, { times: 1 });
    const lost = await guarded().acquire(request({ wish: person(code()) }));
    expect(lost.type).toBe('transient');
    expect(await guarded().acquire(request({ wish: person(code()) }))).toEqual(used);
  });

  it('is sent from a temporary source as well, where no session can be made', async () => {
    const { guarded, keys, code, calls } = await world();
    const source = credentialsOf(await keys().acquire(request({ source: null })));
    expect((await guarded().acquire(request({ source, wish: person(code()) }))).type).toBe('ok');
    expect(calls('AssumeRole')[0]?.get('TokenCode')).toBe(code());
  });

  it('that went with a refusal of the duration is not sent again; the next opens a session', async () => {
    const role = { ...roles.guarded, maxLifeMs: hours(1) };
    const { guarded, code, calls, clock, warnings } = await world({ roles: [role] });
    const long = guarded({ durationMs: hours(4) });
    expect(await long.acquire(request({ wish: person(code()) }))).toEqual(used);
    expect(calls('AssumeRole')).toHaveLength(1);
    clock.advance(seconds(30));
    expect((await long.acquire(request({ wish: person(code()) }))).type).toBe('ok');
    expect(calls('GetSessionToken')).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });
});

describe('without a good code', () => {
  it.each([
    ['a program', null],
    ['a person who brings none', person(null)],
  ])('%s is told which device is asked', async (_who, wish) => {
    const { guarded, emulator } = await world();
    expect(await guarded().acquire(request({ wish }))).toEqual(asked);
    expect(await guarded({ durationMs: hours(2) }).acquire(request({ wish }))).toEqual(asked);
    expect(emulator.journal.entries).toEqual([]);
  });

  it('a person hears why, and that the code they typed is gone', async () => {
    const { guarded, code } = await world();
    const wish = person(wrong(code()));
    expect(await guarded().acquire(request({ wish }))).toEqual(refused);
    expect(wish.told).toEqual([
      { event: 'mfa.required', detail: null },
      { event: 'gate.met', detail: refused.detail },
    ]);
  });

  it.each(['12345', '1234567', 'abcdef', ''])('"%s" is not sent at all', async (otp) => {
    const { guarded, emulator } = await world();
    expect(await guarded().acquire(request({ wish: person(otp) }))).toEqual(
      needsOtp(`a one-time password of the MFA device "${mfaSerial}" has six digits`),
    );
    expect(emulator.journal.entries).toEqual([]);
  });

  it('nobody is asked again for a device that is not theirs', async () => {
    const { guarded, code } = await world();
    const other = guarded({ mfaSerial: 'arn:aws:iam::111122223333:mfa/eve' });
    expect(await other.acquire(request({ wish: person(code()) }))).toEqual({
      type: 'denied',
      why: 'bad-request',
      detail: 'the MFA serial number is not that of a device of this user',
    });
  });
});

describe('a session that is refused', () => {
  const expired = (times: number) =>
    [
      'AssumeRole',
      { kind: 'status', status: 403, body: errorXml('ExpiredToken', 'x'), headers: { 'content-type': 'text/xml' } },
      { times },
    ] as const;

  it('is forgotten, and a new code makes another', async () => {
    const { guarded, code, calls, clock, emulator } = await world();
    await guarded().acquire(request({ wish: person(code()) }));
    emulator.faults.add(...expired(1));
    expect(await guarded().acquire(request())).toEqual(asked);
    clock.advance(seconds(30));
    expect((await guarded().acquire(request({ wish: person(code()) }))).type).toBe('ok');
    expect(calls('GetSessionToken')).toHaveLength(2);
  });

  it('is made anew at once where a code is at hand, and only once', async () => {
    const { guarded, code, calls, clock, emulator } = await world();
    await guarded().acquire(request({ wish: person(code()) }));
    clock.advance(seconds(30));
    const once = emulator.faults.add(...expired(1));
    expect((await guarded().acquire(request({ wish: person(code()) }))).type).toBe('ok');
    expect(calls('GetSessionToken')).toHaveLength(2);
    once.remove();
    clock.advance(seconds(30));
    emulator.faults.add(...expired(9));
    expect((await guarded().acquire(request({ wish: person(code()) }))).type).toBe('unauthorized');
    expect(calls('GetSessionToken')).toHaveLength(3);
  });
});
