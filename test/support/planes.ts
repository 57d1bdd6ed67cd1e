import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { grantSecrets } from '../../routes/tokens.ts';
import { buildControlPlane, buildDataPlane, type ControlPlaneOptions } from '../../src/app.ts';
import { Grants, type GrantsRecord } from '../../src/core/grants.ts';
import { HandOuts } from '../../src/core/hand-outs.ts';
import { Refusals } from '../../src/core/refusals.ts';
import type { Settings } from '../../src/core/settings.ts';
import { FakeBroker, servedFor } from './fake-broker.ts';
import { FakeClock } from './fake-clock.ts';
import { clustersOf, FakeEks } from './fake-eks.ts';
import { MemoryFile } from './memory-file.ts';
import { recordingLog } from './quiet-log.ts';
import { exchange, type RawAnswer, RawConnection, requestOf } from './raw-http.ts';
import { tempDir } from './temp-dir.ts';

const settings: Settings = {
  listen: defaults.listen,
  login: defaults.login,
  refresh: defaults.refresh,
  sessions: new Map(),
  profiles: new Map(
    ['dev', 'prod'].map((name) => [
      name,
      {
        kind: 'unserved',
        name,
        region: name === 'dev' ? 'eu-central-1' : null,
        description: null,
        origin: { file: 'config', line: 1 },
        problem: '',
        yields: false,
      },
    ]),
  ),
  diagnostics: [{ severity: 'warning', file: 'config', line: 7, key: 'profile old', message: 'Remove it' }],
  files: [],
};

function parts() {
  const clock = new FakeClock();
  const file = new MemoryFile<GrantsRecord>();
  const grants = new Grants({ clock, file, secrets: grantSecrets });
  const broker = new FakeBroker(settings);
  broker.warm.set('dev', servedFor('dev'));
  const log = recordingLog();
  const eks = new FakeEks();
  const clusters = clustersOf(broker, clock, eks);
  return {
    eks,
    clusters,
    clock,
    file,
    grants,
    broker,
    refusals: new Refusals(clock),
    handOuts: new HandOuts(log),
    log,
  };
}

/** A data plane that listens, one grant for everything, and `dev` ready to be handed out. */
export async function openDataPlane() {
  const { eks, clusters, clock, file, grants, broker, handOuts, refusals, log } = parts();
  const app = await buildDataPlane({ broker, clusters, grants, handOuts, refusals, log });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const { token, id } = grants.issue({ label: 'test', kind: 'install', profiles: '*', lifetimeMs: null });
  const host = ['Host', `127.0.0.1:${port}`] as const;
  return {
    ...{ app, broker, eks, clock, file, grants, handOuts, refusals, log, port, token, id },
    /** `Host` and the grant, as an SDK sends them, then whatever else is given. */
    headers: (...more: (readonly [string, string])[]) => [host, ['Authorization', token] as const, ...more],
    host,
    send: (line: string, headers: readonly (readonly [string, string])[]): Promise<RawAnswer> =>
      exchange({ port }, requestOf(line, headers)),
    get: (path: string, ...more: (readonly [string, string])[]): Promise<RawAnswer> =>
      exchange({ port }, requestOf(`GET ${path} HTTP/1.1`, [host, ['Authorization', token], ...more])),
    connect: () => new RawConnection({ port }),
  };
}

export type DataPlane = Awaited<ReturnType<typeof openDataPlane>>;

/** A control plane on a unix socket. */
export async function openControlPlane(commands: Partial<ControlPlaneOptions> = {}) {
  const { broker, eks, clusters, grants, refusals, log } = parts();
  const app = buildControlPlane({
    ...{ broker, clusters, grants, refusals, log },
    daemon: () => ({
      pid: 4711,
      version: '1.2.3',
      startedAt: '2026-11-21T09:00:00.000Z',
      clockOffsetMs: 0,
      url: 'http://127.0.0.1:9911',
    }),
    storage: () => 'keychain',
    reload: async () => [],
    shutdown: () => {},
    ...commands,
  });
  const path = join(tempDir(), 'control.sock');
  await app.listen({ path });
  onTestFinished(() => app.close());
  return {
    ...{ app, broker, eks, grants, refusals, log, path },
    send: (method: string, target: string, body?: unknown): Promise<RawAnswer> =>
      exchange({ path }, controlRequest(method, target, body)),
    connect: () => new RawConnection({ path }),
  };
}

/** As the commands send it: JSON with its content type, or no body at all. */
export function controlRequest(method: string, target: string, body?: unknown): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const typed = body === undefined ? [] : ([['Content-Type', 'application/json']] as const);
  const length = ['Content-Length', String(Buffer.byteLength(text))] as const;
  return requestOf(`${method} ${target} HTTP/1.1`, [['Host', 'localhost'], ...typed, length]) + text;
}
