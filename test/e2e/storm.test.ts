import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { credentialsUrl } from '../../src/cli/endpoint.ts';
import { live } from '../support/live.ts';

const profiles = ['dev', 'staging', 'prod'];
const callers = 1_000;

/** One caller on a connection of its own. `sent` resolves when the broker's machine has all of the request. */
function call(url: string, authorization: string, agent: Agent) {
  // Named like Go's SDK, which waits the longest: none of the thousand leaves before the answer.
  const headers = { authorization, 'user-agent': 'Go-http-client/1.1' };
  const asking = request(url, { headers, agent });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve).once('error', reject);
  }).then(async (answer) => {
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    return { status: answer.statusCode, keyId: String(JSON.parse(text).AccessKeyId) };
  });
  const sent = once(asking, 'finish');
  asking.end();
  return { sent, answered };
}

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
