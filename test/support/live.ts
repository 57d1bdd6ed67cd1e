/**
 * The whole product at work: the emulator in this process and on the real time, the released program beside it in a home
 * of its own. Nothing is waited for but what one of them says.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { statePaths } from '../../config/paths.ts';
import { clickThrough } from '../../src/cli/demo-browser.ts';
import { credentialsUrl, endpointVariables, type Variables } from '../../src/cli/endpoint.ts';
import { ask, get, type Reply } from '../../src/cli/loopback-http.ts';
import { type BrokerClient, openClient } from '../../src/client.ts';
import type { StatusView } from '../../src/core/views.ts';
import { type Emulator, type Knobs, startEmulator } from '../../src/emulator/index.ts';
import { defaultKnobs } from '../../src/emulator/knobs.ts';
import { assertMatchesModels } from './aws-models.ts';
import { credbroker } from './built.ts';
import { type Ended, Program, ranTo } from './program.ts';
import { tempDir } from './temp-dir.ts';

export interface LiveOptions {
  readonly knobs: Partial<Knobs>;
  /** Whether a window may open by itself. */
  readonly login: 'on-demand' | 'manual';
  /** More lines for `config.yaml`. */
  readonly config: string;
  /** 0 for any. A restarted broker finds its port again only if it has a number. */
  readonly port: number;
  readonly signedIn: boolean;
  /** More variables for the broker and the commands. */
  readonly env: NodeJS.ProcessEnv;
}

const defaults: LiveOptions = { knobs: {}, login: 'manual', config: '', port: 0, signedIn: true, env: {} };

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Every role's credentials live so long. */
export const rolesLive = (lifeMs: number): Partial<Knobs> => ({
  accounts: defaultKnobs().accounts.map((account) => ({
    ...account,
    permissionSets: account.permissionSets.map((set) => ({ ...set, lifeMs })),
  })),
});

/** A running broker, signed in unless the options say otherwise. */
export async function live(options: Partial<LiveOptions> = {}): Promise<Live> {
  const { signedIn, ...rest } = { ...defaults, ...options };
  const world = await prepared(rest);
  await world.start();
  if (signedIn) await world.signIn();
  return world;
}

/** Everything but the broker, which the test starts itself. */
export async function prepared(options: Partial<LiveOptions> = {}): Promise<Live> {
  const { knobs, login, config, port, env } = { ...defaults, ...options };
  const home = tempDir();
  const emulator = await startEmulator({ port: 0, now: Date.now, knobs });
  const world = new Live(emulator, home, env);
  onTestFinished(() => world.close());
  mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true });
  writeFileSync(join(home, '.aws', 'config'), emulator.awsConfig());
  writeFileSync(world.configFile, `listen: { port: ${port} }\nlogin: ${login}\n${config}`);
  return world;
}

export class Live {
  readonly emulator: Emulator;
  readonly home: string;
  /** The broker's and the commands'. */
  readonly env: NodeJS.ProcessEnv;
  readonly client: BrokerClient;
  readonly configFile: string;
  readonly #closing = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });
  #daemon: Program | null = null;

  constructor(emulator: Emulator, home: string, env: NodeJS.ProcessEnv) {
    this.emulator = emulator;
    this.home = home;
    this.configFile = join(home, 'config.yaml');
    this.env = {
      PATH: process.env['PATH'],
      HOME: home,
      ...emulator.environment,
      CREDBROKER_HOME: join(home, 'state'),
      CREDBROKER_CONFIG: this.configFile,
      CREDBROKER_KEYRING_BACKEND: 'file',
      ...env,
    };
    this.client = openClient(statePaths(this.env, process.platform).socket, this.#closing.signal);
  }

  get daemon(): Program {
    if (this.#daemon === null) throw new Error('The broker was not started');
    return this.#daemon;
  }

  /** `serve` in the foreground; resolves when it listens. */
  async start(): Promise<Program> {
    this.#daemon = new Program([...credbroker(), 'serve'], this.env);
    await this.#daemon.says(/ serves \d+ profiles at http/);
    return this.#daemon;
  }

  /** Runs a command of ours to its end. */
  cli(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return ranTo([...credbroker(), ...words], { ...this.env, ...env });
  }

  async signIn(session = 'emulated'): Promise<void> {
    for await (const event of this.client.login(session, { flow: 'browser', openBrowser: false, token: null })) {
      if (event.event === 'failed') throw new Error(event.message);
      if (event.event === 'prompt' && event.kind === 'browser') await clickThrough(event.url, this.#agent);
    }
  }

  async grant(): Promise<string> {
    const body = { label: 'test', kind: 'session', profiles: '*', lifetimeMs: null } as const;
    return (await this.client.issueGrant(body)).token;
  }

  /** What leads an SDK to a profile. */
  async variables(profile = 'dev'): Promise<Variables> {
    const status = await this.client.status();
    return endpointVariables({ status, profile, authorization: { token: await this.grant() } });
  }

  /** One request, by default in the name of Go's SDK, which waits the longest. */
  async ask(profile: string, token: string, userAgent = 'Go-http-client/1.1'): Promise<Reply> {
    const url = credentialsUrl(await this.client.status(), profile);
    return ask({ ...get(url, this.#agent), headers: { authorization: token, 'user-agent': userAgent } });
  }

  /** Resolves with the first status, from now on, that satisfies. */
  async until(satisfies: (status: StatusView) => boolean): Promise<StatusView> {
    // Subscribed before the first look, or a change between the two would go unseen.
    const changes = await this.client.events();
    const first = await this.client.status();
    if (satisfies(first)) return first;
    for await (const _ of changes) {
      const status = await this.client.status();
      if (satisfies(status)) return status;
    }
    throw new Error('The broker stopped');
  }

  /** Every line of `broker.log`. */
  log(): readonly LogLine[] {
    return this.logText()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  logText(): string {
    const state = join(this.home, 'state');
    const names = readdirSync(state).filter((name) => name.startsWith('broker.log'));
    return names.map((name) => readFileSync(join(state, name), 'utf8')).join('');
  }

  /** Stops the broker, which then tells how many requests it answered with credentials and how many not. */
  async visits(): Promise<{ readonly served: number; readonly refused: number }> {
    await this.daemon.kill('SIGTERM');
    const lines = this.log();
    const served = lines.filter(({ msg }) => msg === 'handed out').map(({ count }) => Number(count ?? 1));
    const refused = lines.filter(({ msg, grant }) => msg === 'refused' && grant !== undefined);
    return { served: served.reduce((sum, count) => sum + count, 0), refused: refused.length };
  }

  async close(): Promise<void> {
    await this.#endStarted();
    this.#closing.abort();
    this.#agent.destroy();
    this.emulator.faults.clear();
    await this.emulator.close();
    const { entries } = this.emulator.journal;
    if (entries.every(({ fault }) => fault === null)) assertMatchesModels({ entries });
  }

  /** A broker that a command started in the background, or ours. */
  async #endStarted(): Promise<void> {
    const pid = await this.client.status().then(
      ({ daemon }) => daemon.pid,
      () => null,
    );
    if (pid !== null) process.kill(pid, 'SIGKILL');
    await this.#daemon?.kill('SIGKILL');
  }
}
