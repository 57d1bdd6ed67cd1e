/** Programs that run for longer than their credentials live, and how often they ask (conformance cases in brackets). */
import { expect, it } from 'vitest';
import { environmentOf, succeeded } from '../support/container-clients.ts';
import { live, rolesLive } from '../support/live.ts';
import { ranTo } from '../support/program.ts';
import { botocores, javaScript } from '../support/real-clients.ts';
import { javaScriptLoop, pythonLoop, SigningLoop } from '../support/signing-loop.ts';

const minute = 60_000;

/** Renews credentials of six seconds when three are left. */
const hasty = `
refresh:
  lead: [{ min: 3s, max: 3s }]
  soft: 1s
  floor: 500ms
  minRenewalGap: 1s
`;

it('carries running programs from key to key without an error', async () => {
  const world = await live({ knobs: rolesLive(6_000), config: hasty });
  const variables = await world.variables('dev');
  const programs = [
    ...botocores.map((client) => ({ client, words: pythonLoop(client.command) })),
    { client: javaScript, words: javaScriptLoop },
  ];
  const loops = programs.map(
    ({ client, words }) => new SigningLoop(words, { ...environmentOf({ client }, world.emulator), ...variables }),
  );
  await Promise.all(loops.map((loop) => loop.signsWith(3)));
  expect(loops.map(({ stderr }) => stderr)).toEqual(loops.map(() => ''));
  expect((await world.visits()).refused).toBe(0);
  const identities = world.emulator.journal.calls('GetCallerIdentity');
  expect(identities.filter(({ answer }) => answer !== null && answer.status !== 200)).toEqual([]);
});

const signings = (count: number): string => `
import boto3
session = boto3.Session()
sts = session.client('sts')
keys = {sts.get_caller_identity() and session.get_credentials().get_frozen_credentials().access_key for _ in range(${count})}
print(len(keys))
`;

const frozen = `
import boto3
credentials = boto3.Session().get_credentials()
print(len({credentials.get_frozen_credentials().access_key for _ in range(20)}))
`;

it.each(botocores)('is asked by $name once while more than a quarter of an hour is left (40)', async (client) => {
  const world = await live({ knobs: rolesLive(17 * minute) });
  const env = { ...environmentOf({ client }, world.emulator), ...(await world.variables('dev')) };
  const ended = await ranTo([client.command, '-c', frozen], env);
  expect(succeeded(ended)).toMatchObject({ stdout: '1\n', stderr: '' });
  expect(await world.visits()).toEqual({ served: 1, refused: 0 });
});

it.each(botocores)('bears $name asking for each signature with the shortest sessions of STS (42)', async (client) => {
  const world = await live({ knobs: rolesLive(15 * minute) });
  const env = { ...environmentOf({ client }, world.emulator), ...(await world.variables('dev')) };
  const ended = await ranTo([client.command, '-c', signings(100)], env);
  expect(succeeded(ended)).toMatchObject({ stdout: '1\n', stderr: '' });
  expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  const { served, refused } = await world.visits();
  expect(served).toBeGreaterThan(100);
  expect(refused).toBe(0);
});
