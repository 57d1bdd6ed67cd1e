/** The daemon's life: settings, adapters, core, listeners; then the heartbeat until somebody stops it. */
import type { FastifyInstance } from 'fastify';
import { formatDiagnostic } from '../config/diagnostics.ts';
import { loadSettings } from '../config/load.ts';
import { statePaths } from '../config/paths.ts';
import { type SettingsChange, type SettingsWatch, watchSettings } from '../config/watch.ts';
import { removeLeftovers } from './adapters/atomic-file.ts';
import { listenOnControlSocket, refuseSecond } from './adapters/control-socket.ts';
import { type Listening, listenOnLoopback, parsePortChoice } from './adapters/listen.ts';
import { portOwner } from './adapters/port-owner.ts';
import { buildControlPlane, buildDataPlane } from './app.ts';
import { composeBroker } from './compose.ts';
import type { Broker } from './core/broker.ts';
import type { Clusters } from './core/clusters.ts';
import { HandOuts } from './core/hand-outs.ts';
import { Refusals } from './core/refusals.ts';
import type { Settings } from './core/settings.ts';
import type { Cancel } from './core/types.ts';
import { wireTime } from './core/wire-time.ts';
import { openWorld, type World } from './world.ts';

export interface ServeOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Lines for the person who started it. */
  readonly notify: (line: string) => void;
}

const heartbeatMs = 15_000;
const lateMs = 2 * heartbeatMs;
/** In-flight answers get this long to arrive; half-sent requests would hold the door open for ever. */
const drainMs = 3_000;

/** Runs until a signal or `POST /v1/shutdown`. Throws `AlreadyRunning`, `PortInUse` or `ConfigInvalid` when it cannot start. */
export async function serve({ env, notify }: ServeOptions): Promise<void> {
  for (const warning of warnings()) notify(warning);
  await refuseSecond(statePaths(env, process.platform).socket);
  const world = openWorld(env, process.platform);
  const settings = await loadSettings({ env, platform: process.platform });
  const { broker, clusters, close } = composeBroker({ ...world, settings });
  const stop = new Stop();
  const handOuts = new HandOuts(world.log);
  const watching = watch(world, broker, settings);
  try {
    const listeners = await listen(world, { broker, clusters, handOuts, watching, stop });
    const pulse = (late: boolean): void => {
      if (late) broker.wake();
      broker.beat();
      handOuts.flush();
    };
    const still = beat(world, pulse);
    notify(`credbroker ${world.version} serves ${settings.profiles.size} profiles at ${listeners.url}`);
    for (const diagnostic of settings.diagnostics) notify(formatDiagnostic(diagnostic));
    world.log.info({ url: listeners.url, version: world.version }, 'started');
    await stop.asked;
    still();
    await listeners.close();
  } finally {
    watching.close();
    handOuts.flush();
    await close();
    world.log.info({}, 'stopped');
  }
}

function warnings(): readonly string[] {
  const major = Number(process.versions.node.split('.')[0]);
  return [
    ...(process.getuid?.() === 0 ? ['Running as root: every process of root may use what this broker holds'] : []),
    ...(major < 22 ? [`Node ${process.versions.node} gets no security fixes any more. Install Node 24`] : []),
  ];
}

/** Resolves once, at the first wish to stop. */
class Stop {
  readonly asked: Promise<void>;
  #ask: () => void = () => {};

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#ask = resolve;
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => this.ask());
    // The terminal that started it may close; the daemon stays.
    process.on('SIGHUP', () => {});
  }

  ask(): void {
    this.#ask();
  }
}

interface ListenParts {
  readonly broker: Broker;
  readonly clusters: Clusters;
  readonly handOuts: HandOuts;
  readonly watching: SettingsWatch;
  readonly stop: Stop;
}

interface Listeners {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The control socket first: whoever holds it is the one daemon. */
async function listen(world: World, { broker, clusters, handOuts, watching, stop }: ListenParts): Promise<Listeners> {
  const startedAt = wireTime(world.clock.now());
  let url = '';
  const refusals = new Refusals(world.clock);
  const data = await buildDataPlane({ ...world, broker, clusters, handOuts, refusals });
  const control = buildControlPlane({
    ...world,
    broker,
    clusters,
    refusals,
    daemon: () => {
      const clockOffsetMs = Math.round(world.clock.now() - Date.now());
      return { pid: process.pid, version: world.version, startedAt, url, clockOffsetMs };
    },
    storage: () => world.secrets.describe(),
    reload: async () => (await watching.reload()).diagnostics.map(formatDiagnostic),
    shutdown: () => stop.ask(),
  });
  await Promise.all([data.ready(), control.ready()]);
  const socket = await listenOnControlSocket(control.server, world.paths.socket);
  removeLeftovers(world.paths.directory);
  const listening = await listenHttp(world, data, broker.settings()).catch(async (error: unknown) => {
    socket.release();
    await drain(control);
    throw error;
  });
  url = `http://127.0.0.1:${listening.port}`;
  return {
    url,
    close: async () => {
      listening.close();
      await Promise.all([drain(data), drain(control)]);
      socket.release();
    },
  };
}

const listenHttp = (world: World, data: FastifyInstance, settings: Settings): Promise<Listening> =>
  listenOnLoopback({
    server: data.server,
    port: settings.listen.port,
    remembered: world.state.part('port', parsePortChoice),
    ownerOf: portOwner,
  });

async function drain(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await app.close();
  clearTimeout(cut);
}

/** `late`: beats were missed. Where the monotonic clock runs on in sleep (macOS), nothing else tells of it. */
function beat(world: World, pulse: (late: boolean) => void): Cancel {
  let cancel: Cancel = () => {};
  let last = world.clock.mono();
  const next = (): void => {
    const now = world.clock.mono();
    pulse(now - last > lateMs);
    last = now;
    cancel = world.timers.after(heartbeatMs, next);
  };
  next();
  return () => cancel();
}

/** A rejected change keeps the last good settings in force and shows what is wrong beside them. */
function watch({ env, platform, timers, log }: World, broker: Broker, loaded: Settings): SettingsWatch {
  const changed = ({ type, settings }: SettingsChange): void => {
    broker.reload(settings);
    const fields = { profiles: settings.profiles.size, problems: settings.diagnostics.length };
    log.info(fields, type === 'loaded' ? 'settings loaded' : 'settings kept');
  };
  return watchSettings({ settings: loaded, load: { env, platform }, timers, changed });
}
