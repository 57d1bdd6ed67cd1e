/** The person of the demo: opens the sign-in page, reads its form and clicks "Allow". */
import type { Agent } from 'node:http';
import { ExitError } from './exit.ts';
import { ask, get, type Reply } from './loopback-http.ts';

/** Resolves when the sign-in page has led back to the broker. */
export async function clickThrough(url: string, agent: Agent): Promise<void> {
  const page = await ask(get(url, agent));
  const decided = await submit(page, url, agent);
  await follow(decided, url, agent);
}

function submit(page: Reply, url: string, agent: Agent): Promise<Reply> {
  const action = /<form method="post" action="([^"]+)"/.exec(page.body)?.[1];
  if (action === undefined) throw new ExitError(1, 'The emulated sign-in page has no form');
  const fields = new URLSearchParams({ decision: 'allow' });
  for (const [, name = '', value = ''] of page.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields.set(name, value);
  }
  return ask({
    method: 'POST',
    url: new URL(action, url).href,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: fields.toString(),
    agent,
  });
}

async function follow(reply: Reply, from: string, agent: Agent): Promise<void> {
  let at = from;
  let current = reply;
  while (current.location !== null) {
    at = new URL(current.location, at).href;
    current = await ask(get(at, agent));
  }
  if (current.status !== 200) throw new ExitError(1, `The sign-in ended with status ${current.status}`);
}
