import { drawFrom } from './freshness.ts';
import type { LeaseSource } from './lease-io.ts';
import type { LeaseEnv } from './lease-state.ts';
import type { Runtime } from './runtime.ts';

/** What the machine sees of the world at this moment. */
export function leaseEnv(runtime: Runtime, { settings, upstream, parent }: LeaseSource): LeaseEnv {
  const { clock, numbers, random, seed } = runtime;
  const { renewal, prefetch, timeoutMs } = upstream;
  return {
    now: clock.now(),
    mono: clock.mono(),
    random: random(),
    access: parent.access(),
    numbers,
    profile: settings.name,
    who: parent.who,
    ...{ renewal, prefetch, timeoutMs },
    closed: (caller) => parent.gate.closed(caller, parent.who),
    draw: (generation) => drawFrom(`${seed}/${settings.name}/${generation}`),
  };
}
