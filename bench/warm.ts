/**
 * The warm path's throughput as a ratio to the barest server Node can be: `node:http` that writes the same bytes without
 * looking at the request. Runs inside `credbroker demo --`, so what is measured is the daemon as it ships, in a process of
 * its own, with every check in place. Rounds alternate, so that a busy machine slows both sides.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';

const rounds = 5;
const seconds = 3;
const connections = 32;

interface Target {
  readonly name: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

async function main(): Promise<void> {
  const url = process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  const token = process.env['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  if (!url || !token) throw new Error('Run it as: npm run bench');
  const warm: Target = { name: 'credbroker', url, headers: { authorization: token } };
  const first = await fetch(url, { headers: warm.headers });
  if (first.status !== 200) throw new Error(`The broker answered ${first.status}`);
  const bare = await startBare(await first.text());
  const rates = { bare: [] as number[], warm: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    rates.bare.push(await rate(bare.target));
    rates.warm.push(await rate(warm));
    process.stderr.write(
      `round ${round} of ${rounds}: bare ${rates.bare.at(-1)}, credbroker ${rates.warm.at(-1)} requests/s\n`,
    );
  }
  bare.stop();
  const ratio = median(rates.warm) / median(rates.bare);
  const result = { bare: median(rates.bare), credbroker: median(rates.warm), ratio: Number(ratio.toFixed(2)) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function rate({ name, url, headers }: Target): Promise<number> {
  const result = await autocannon({ url, headers, connections, duration: seconds });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${name}: ${result.non2xx} refusals, ${result.errors} errors`);
  return Math.round(result.requests.average);
}

/** In its own process, as the broker is. */
async function startBare(body: string): Promise<{ readonly target: Target; readonly stop: () => void }> {
  const child = fork(process.argv[1] ?? '', ['bare'], { env: { BENCH_BODY: body } });
  const port = await new Promise<unknown>((resolve) => child.once('message', resolve));
  return { target: { name: 'bare', url: `http://127.0.0.1:${port}/`, headers: {} }, stop: () => child.kill() };
}

function serveBare(): void {
  const body = Buffer.from(process.env['BENCH_BODY'] ?? '');
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const server = createServer((_request, response) => response.writeHead(200, headers).end(body));
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

if (process.argv[2] === 'bare') serveBare();
else
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
