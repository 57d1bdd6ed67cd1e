/** A program of the demo that uses one profile as SDKs do, and bears no failure. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoWorld } from './demo-world.ts';
import { credentialsUrl } from './endpoint.ts';
import { ExitError } from './exit.ts';
import { ask, get } from './loopback-http.ts';

const pauseMs = 50;
const patienceMs = 30_000;

export interface DemoProfile {
  /** Asks once; resolves with the key's public half, and rejects on anything but credentials. */
  readonly keyId: () => Promise<string>;
  /** Asks again and again until `done`; resolves with how often. */
  readonly askUntil: (done: (keyId: string) => boolean) => Promise<number>;
}

export function openDemoProfile(world: DemoWorld, profile: string): DemoProfile {
  const { status, token, agent, interrupted } = world;
  const url = credentialsUrl(status, profile);
  const keyId = async () => {
    const reply = await ask({ ...get(url, agent), headers: { authorization: token } });
    if (reply.status !== 200) throw new ExitError(1, `"${profile}" was answered with status ${reply.status}`);
    return parseKeyId(reply.body);
  };
  const askUntil = async (done: (keyId: string) => boolean) => {
    const until = performance.now() + patienceMs;
    for (let answers = 1; performance.now() < until; answers++) {
      if (done(await keyId())) return answers;
      await sleep(pauseMs);
      interrupted.throwIfAborted();
    }
    throw new ExitError(1, `"${profile}" did not change within ${patienceMs / 1000} seconds`);
  };
  return { keyId, askUntil };
}

function parseKeyId(body: string): string {
  const document: unknown = JSON.parse(body);
  if (typeof document === 'object' && document !== null && 'AccessKeyId' in document)
    return String(document.AccessKeyId);
  throw new ExitError(1, 'The answer holds no credentials');
}
