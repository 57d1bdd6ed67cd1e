import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

export interface CountingProxy {
  readonly variables: Readonly<Record<string, string>>;
  readonly connections: () => number;
}

/** Where traffic to this machine must never go: counts who comes, and hangs up. */
export async function countingProxy(): Promise<CountingProxy> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const variables = { HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url, https_proxy: url };
  return { variables, connections: () => connections };
}
