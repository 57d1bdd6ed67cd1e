import { expect, it } from 'vitest';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { hours, seconds } from '../../support/fake-clock.ts';
import { mfaSerial } from '../../support/sts-world.ts';
import { credentialsOf, person, request, staticKeys, world } from './world.ts';

const none = request({ source: null });

it('are handed out as a session that ends, never themselves', async () => {
  const { keys, clock, calls, emulator } = await world();
  const verdict = await keys({ durationMs: hours(36) }).acquire(none);
  expect(credentialsOf(verdict)).toMatchObject({
    accessKeyId: expect.stringMatching(/^ASIA/),
    expiresAt: clock.now() + hours(36),
    accountId: null,
    roleArn: null,
  });
  expect(JSON.stringify(verdict)).not.toContain(staticKeys.secretAccessKey);
  expect(calls('GetSessionToken')[0]?.get('DurationSeconds')).toBe('129600');
  await keys({ durationMs: null }).acquire(none);
  expect(calls('GetSessionToken')[1]?.get('DurationSeconds')).toBe('43200');
  assertMatchesModels(emulator.journal);
});

it('share the session that a code has opened with the roles of its device', async () => {
  const { keys, guarded, code, calls } = await world();
  const legacy = keys({ mfaSerial });
  const session = credentialsOf(await legacy.acquire({ ...none, wish: person(code()) }));
  expect((await guarded({ keys: 'ops' }).acquire(none)).type).toBe('ok');
  expect(credentialsOf(await legacy.acquire(none))).toEqual(session);
  expect(calls('GetSessionToken')).toHaveLength(1);
});

it('are renewed with a code: half a session is no new one', async () => {
  const { keys, code, clock, calls } = await world();
  const legacy = keys({ mfaSerial });
  const first = credentialsOf(await legacy.acquire({ ...none, wish: person(code()) }));
  clock.advance(hours(6) - 1);
  expect(credentialsOf(await legacy.acquire(none))).toEqual(first);
  clock.advance(1);
  expect(await legacy.acquire(none)).toMatchObject({ type: 'denied', why: 'needs-otp' });
  const second = credentialsOf(await legacy.acquire({ ...none, wish: person(code()) }));
  expect(second.expiresAt).toBe(clock.now() + hours(12));
  expect(calls('GetSessionToken')).toHaveLength(2);
});

it('make a new session for a person who insists', async () => {
  const { keys, code, clock } = await world();
  const legacy = keys({ mfaSerial });
  const first = credentialsOf(await legacy.acquire({ ...none, wish: person(code()) }));
  clock.advance(seconds(30));
  expect(credentialsOf(await legacy.acquire({ ...none, wish: person(code()) }))).toEqual(first);
  expect(credentialsOf(await legacy.acquire({ ...none, wish: person(code(), true) }))).not.toEqual(first);
});

it('that AWS does not know any more are to be replaced by a person', async () => {
  const { keys, stored } = await world();
  stored.set('ops', { ...staticKeys, accessKeyId: 'AKIAGONEGONEGONEGONE' });
  expect(await keys().acquire(none)).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: 'AWS refuses the stored keys "ops"; store new ones',
  });
  expect(await keys({ keys: 'nobody' }).acquire(none)).toMatchObject({ detail: 'no such keys' });
});
