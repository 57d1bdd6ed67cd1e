/** The demo's broker: the real daemon in a process of its own, gone when the demo is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BrokerClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { StatusView } from '../core/views.ts';
import { awaitDaemon } from './await-daemon.ts';
import { controlClient } from './background.ts';
import type { Context } from './context.ts';

const killAfterMs = 5_000;

export interface DemoBroker {
  readonly client: BrokerClient;
  readonly status: StatusView;
}

/** `context` is the demo's: its environment is the broker's. */
export async function withBroker<T>(context: Context, use: (broker: DemoBroker) => Promise<T>): Promise<T> {
  const [node, ...words] = context.self;
  const child = spawn(node, [...words, 'serve'], { stdio: ['ignore', 'ignore', 'pipe'], env: context.env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  try {
    const client = controlClient(context);
    const status = await awaitDaemon(context, client, child);
    if (status === null) throw new BrokerError('Failed', `The demo's broker did not start: ${said.trim()}`);
    return await use({ client, status });
  } finally {
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  const killing = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(killing);
}
