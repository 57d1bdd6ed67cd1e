import { once } from 'node:events';
import { type Agent, type IncomingMessage, request } from 'node:http';

/** One caller on a connection of its own. `sent` resolves when the broker's machine has all of the request. */
export function call(url: string, authorization: string, agent: Agent) {
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
