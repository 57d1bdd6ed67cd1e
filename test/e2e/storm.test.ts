import { Agent } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { credentialsUrl } from '../../src/cli/endpoint.ts';
import { call } from '../support/caller.ts';
import { live } from '../support/live.ts';

const profiles = ['dev', 'staging', 'prod'];
const callers = 1_000;

it(`answers ${callers} callers who come at once and find nothing with one call upstream for each profile`, async () => {
  const world = await live();
  const { emulator } = world;
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const status = await world.client.status();
  const token = await world.grant();
  // No answer before the last question.
  const held = emulator.faults.add('GetRoleCredentials', { kind: 'hold' });
  const calls = Array.from({ length: callers }, (_, index) =>
    call(credentialsUrl(status, profiles[index % profiles.length] ?? ''), token, agent),
  );
  await Promise.all(calls.map(({ sent }) => sent));
  await emulator.journal.waitFor(() => emulator.journal.calls('GetRoleCredentials').length === profiles.length);
  held.release();
  const answers = await Promise.all(calls.map(({ answered }) => answered));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(callers);
  expect(new Set(answers.map(({ keyId }) => keyId)).size).toBe(profiles.length);
  expect(emulator.journal.calls('GetRoleCredentials')).toHaveLength(profiles.length);
  expect(await world.visits()).toEqual({ served: callers, refused: 0 });
});
