/** The demo's world: emulated upstreams here, a real broker beside, signed in. All of it ends with the demo. */
import { Agent } from 'node:http';
import type { BrokerClient } from '../client.ts';
import { refusalOf } from '../control-wire.ts';
import type { StatusView } from '../core/views.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { Context } from './context.ts';
import { withBroker } from './demo-broker.ts';
import { clickThrough } from './demo-browser.ts';
import { furnish, neutral } from './demo-home.ts';
import { endpointVariables, type Variables } from './endpoint.ts';
import { inTemporaryDirectory } from './temporary.ts';

export interface DemoWorld {
  readonly upstreams: Emulator;
  /** Gone when the demo is. */
  readonly home: string;
  readonly interrupted: AbortSignal;
  readonly status: StatusView;
  /** Opens every profile. */
  readonly token: string;
  readonly agent: Agent;
  readonly startMs: number;
  readonly signInMs: number;
  /** What a shell needs to be in it. */
  readonly variables: Variables;
  /** The broker's and its commands'. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Step {
  readonly title: string;
  readonly figure: string;
}

export type TellStep = (world: DemoWorld, context: Context) => Promise<Step>;

/** Served for the program that is run in the demo. */
export const demoProfile = 'dev';
/** Not asked for before many programs ask at once. */
export const crowdProfile = 'staging';
/** Its credentials live only as long as the story takes. */
export const hastyProfile = 'admin';
const hastyRole = 'AdministratorAccess';
const hastyLifeMs = 8_000;

export async function inDemo<T>(context: Context, use: (world: DemoWorld) => Promise<T>): Promise<T> {
  const upstreams = await startEmulator({ port: 0, now: context.now, knobs: {} });
  const agent = new Agent({ keepAlive: true });
  upstreams.knobs.accounts = upstreams.knobs.accounts.map(hastened);
  try {
    return await inTemporaryDirectory(async (home) => {
      const env = await furnish(home, context.env, upstreams);
      const beforeStart = performance.now();
      return withBroker({ ...context, env }, async ({ client, status }) => {
        const startMs = performance.now() - beforeStart;
        const signInMs = await timed(() => signIn(client, status, agent));
        const token = await issueToken(client);
        const variables = environment(env, status, token);
        return use({
          upstreams,
          home,
          interrupted: context.signals.aborted,
          status,
          token,
          agent,
          startMs,
          signInMs,
          variables,
          env,
        });
      });
    });
  } finally {
    agent.destroy();
    await upstreams.close();
  }
}

/** The environment of a program that runs in the demo: its own, but for all that speaks of AWS. */
export const childEnvironment = (context: Context, { variables }: DemoWorld): NodeJS.ProcessEnv => ({
  ...neutral(context.env),
  ...variables,
});

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const hastened = (account: Emulator['knobs']['accounts'][number]): typeof account => ({
  ...account,
  permissionSets: account.permissionSets.map((set) => (set.name === hastyRole ? { ...set, lifeMs: hastyLifeMs } : set)),
});

async function signIn(client: BrokerClient, { profiles }: StatusView, agent: Agent): Promise<void> {
  const session = profiles.find(({ name }) => name === demoProfile)?.session ?? '';
  for await (const event of client.login(session, { flow: 'browser', openBrowser: false, token: null })) {
    if (event.event === 'failed') throw refusalOf(event);
    if (event.event === 'prompt' && event.kind === 'browser') await clickThrough(event.url, agent);
  }
}

async function issueToken(client: BrokerClient): Promise<string> {
  const grant = { label: 'demo', kind: 'session', profiles: '*', lifetimeMs: null } as const;
  return (await client.issueGrant(grant)).token;
}

/** All the broker got but its home: programs keep their caches in the user's. */
function environment(broker: NodeJS.ProcessEnv, status: StatusView, token: string): Variables {
  const shared = Object.entries(broker).filter(([name]) => /^(AWS|CREDBROKER)_|^no_proxy$/i.test(name));
  return {
    ...(Object.fromEntries(shared) as Variables),
    ...endpointVariables({ status, profile: demoProfile, authorization: { token } }),
  };
}
