import { expect, it } from 'vitest';
import type { Grant } from '../../src/core/grants.ts';
import { Refusals } from '../../src/core/refusals.ts';
import { epoch } from '../../src/core/types.ts';
import { FakeClock } from '../support/fake-clock.ts';

const grant: Grant = {
  id: '0123456789abcdef',
  label: 'build',
  kind: 'session',
  profiles: '*',
  createdAt: epoch(0),
  expiresAt: null,
  lastUsedAt: null,
};

it('shows no token that a client put where the profile belongs', () => {
  const refusals = new Refusals(new FakeClock());
  const token = `cb_${'a-B_9'.repeat(8)}abc`;
  refusals.note(grant, token, `No profile "${token.slice(0, 31)}…". Run: credbroker profiles`);
  expect(refusals.list()).toMatchObject([
    { client: 'build', profile: 'cb_…', message: 'No profile "cb_……". Run: credbroker profiles' },
  ]);
});
