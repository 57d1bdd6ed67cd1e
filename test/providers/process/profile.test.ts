import { describe, expect, it } from 'vitest';
import type { AcquireRequest } from '../../../src/core/types.ts';
import type { HelperEnd, HelperFailure, HelperRequest } from '../../../src/providers/process/index.ts';
import { processHelpers } from '../../../src/providers/process/index.ts';
import { FakeClock, hours, seconds } from '../../support/fake-clock.ts';

const clock = new FakeClock();
const { signal } = new AbortController();
const asked: AcquireRequest = { record: null, source: null, checkout: null, wish: null, signal };

const document = {
  Version: 1,
  AccessKeyId: 'ASIAEXAMPLE',
  SecretAccessKey: 'secret',
  SessionToken: 'session',
  Expiration: new Date(clock.now() + hours(1)).toJSON(),
};

const printed = (changes: Partial<Extract<HelperEnd, { type: 'ended' }>> = {}): HelperEnd => ({
  type: 'ended',
  status: 0,
  stdout: JSON.stringify(document),
  stderr: '',
  ...changes,
});

const notRun = (why: HelperFailure, program = 'legacy-helper'): HelperEnd => ({ type: 'failed', program, why });

interface Run {
  readonly end: HelperEnd;
  readonly afterMs?: number;
}

/** A profile whose helper is run once for each of these. */
const profile = (...runs: readonly Run[]) => {
  const clock = new FakeClock();
  const calls: (readonly [command: string, request: HelperRequest])[] = [];
  const { openProfile } = processHelpers({
    clock,
    run: async (...call) => {
      const { end, afterMs = 0 } = runs[calls.push(call) - 1] ?? { end: notRun('ENOENT') };
      clock.advance(afterMs);
      return end;
    },
  });
  const lease = openProfile({ name: 'legacy', command: 'legacy-helper --account 1' });
  return { lease, calls, acquire: () => lease.acquire(asked) };
};

const verdictOn = (end: HelperEnd) => profile({ end }).acquire();

describe('a profile with a helper', () => {
  it('runs the command for the profile, with less time than the lease has', async () => {
    const { lease, calls, acquire } = profile({ end: printed() });
    expect(await acquire()).toMatchObject({ type: 'ok', value: { accessKeyId: 'ASIAEXAMPLE' } });
    expect(calls).toEqual([['legacy-helper --account 1', { profile: 'legacy', timeoutMs: 56_000, signal }]]);
    expect(lease).toMatchObject({ renewal: 'overlap', timeoutMs: 60_000 });
  });

  it.each([
    [
      'a status and the last words, which hold no secret',
      printed({ status: 255, stderr: 'No session\ntoken=abc is bad\n' }),
      'the helper ended with status 255 and said "token=… is bad"',
    ],
    ['a status and silence', printed({ status: 1 }), 'the helper ended with status 1 and said nothing'],
    ['a signal', printed({ status: null }), 'the helper was ended by a signal and said nothing'],
    ['bad output', printed({ stdout: 'Hello' }), 'the helper printed something else than one JSON object'],
    ['no program', notRun('ENOENT'), 'there is no program "legacy-helper"'],
    [
      'a path that a shell would complete',
      notRun('ENOENT', '~/bin/x'),
      'there is no program "~/bin/x"; no shell reads the command, so write the whole path',
    ],
    [
      'a variable in front',
      notRun('ENOENT', 'A=canary'),
      'there is no program "A=…"; no shell reads the command, so write the whole path',
    ],
    ['no right to run it', notRun('EACCES'), '"legacy-helper" cannot be run (EACCES)'],
    ['too much output', notRun('too much output'), '"legacy-helper" printed more than credentials'],
    ['an open quotation', notRun('open quotation'), 'the command has a quotation that is not closed'],
    ['no command', notRun('empty command', ''), 'there is no command'],
    ['another system', notRun('unsupported'), 'helper programs cannot be run on this system'],
  ])('is denied for %s', async (_, end, detail) => {
    expect(await verdictOn(end)).toEqual({ type: 'denied', why: 'bad-request', detail });
  });

  it.each([
    ['time is up', { type: 'stopped', why: 'timeout' }, 'timeout', 'the helper did not end in time'],
    ['it is stopped', { type: 'stopped', why: 'aborted' }, 'aborted', 'the helper was stopped'],
    ['there are too many files', notRun('EMFILE'), 'connect', '"legacy-helper" cannot be started now (EMFILE)'],
    ['it is being replaced', notRun('ETXTBSY'), 'connect', '"legacy-helper" cannot be started now (ETXTBSY)'],
  ] as const)('proves nothing when %s', async (_, end, why, detail) => {
    expect(await verdictOn(end)).toEqual({ type: 'transient', why, detail, retryAfterMs: null });
  });
});

describe('a helper is run before somebody asks', () => {
  const prefetchAfter = async (...runs: readonly Run[]): Promise<boolean> => {
    const { lease, acquire } = profile(...runs);
    for (const _ of runs) await acquire();
    return lease.prefetch;
  };

  it.each([
    ['at first', []],
    ['after ten seconds', [{ end: printed(), afterMs: seconds(10) }]],
    ['when it talks of other things', [{ end: printed({ stderr: 'Assuming role\nUsing cache' }) }]],
    ['when it failed at once for want of a person', [{ end: printed({ status: 1, stderr: 'MFA code: EOF' }) }]],
  ] as const)('%s', async (_, runs) => {
    expect(await prefetchAfter(...runs)).toBe(true);
  });

  it.each([
    ['it took longer than a machine does', [{ end: printed(), afterMs: seconds(10) + 1 }]],
    ['its time was up', [{ end: { type: 'stopped', why: 'timeout' }, afterMs: seconds(56) }]],
    ['it opened a browser', [{ end: printed({ stderr: 'Opening your browser …\nDone' }) }]],
    ['it asked for a code', [{ end: printed({ stderr: 'Enter MFA code for arn:aws:iam::1:mfa/me: ' }) }]],
    ['it asked for a touch', [{ end: printed({ stderr: 'Touch your key' }) }]],
    ['it was quick again since', [{ end: printed({ stderr: 'Approve on your phone' }) }, { end: printed() }]],
  ] as const)('never again when %s', async (_, runs) => {
    expect(await prefetchAfter(...runs)).toBe(false);
  });

  it('whatever the helper of another profile did', async () => {
    const { openProfile } = processHelpers({ clock, run: async () => printed({ stderr: 'Touch your key' }) });
    const [first, second] = [openProfile({ name: 'a', command: 'x' }), openProfile({ name: 'b', command: 'x' })];
    await first.acquire(asked);
    expect([first.prefetch, second.prefetch]).toEqual([false, true]);
  });
});
