/**
 * How others keep credentials: behavioural models of code read, not their programs. A failed renewal is an error for those
 * who asked; only the sweeper, which renews ahead, still has something to hand out.
 */
import { minutes, seconds } from '../support/fake-clock.ts';
import { between } from './random.ts';
import type { Answer, Source, Strategy, World } from './source.ts';
import type { CredentialSet } from './upstream.ts';

/** Every process asks upstream for itself. */
export const noCache: Strategy = {
  name: 'no cache (each process asks for itself)',
  open: ({ upstream }) => ({ request: (profile, _holdMs, answer) => upstream.call(profile, answer) }),
};

/** A file that every process reads, and replaces by itself below 15 minutes: granted, the AWS CLI. */
export const sharedFile: Strategy = {
  name: 'shared file, 15 min, no lock',
  open: (world) => onDemand(world, { bufferMs: minutes(15), singleFlight: false }),
};

/** The rolesanywhere helper: its five-minute rule is applied twice. */
export const daemon: Strategy = {
  name: 'daemon on demand, 10 min, no single flight',
  open: (world) => onDemand(world, { bufferMs: minutes(10), singleFlight: false }),
};

export const singleFlightDaemon: Strategy = {
  name: 'daemon on demand, 5 min, single flight',
  open: (world) => onDemand(world, { bufferMs: minutes(5), singleFlight: true }),
};

/** The EKS Pod Identity agent: looks every minute, renews at half of the life for ever, and hands out to 15 s before the end. */
export const sweeper: Strategy = { name: 'half-life sweeper', open: sweep };

interface OnDemand {
  /** With less than this left it asks upstream while the caller waits. */
  readonly bufferMs: number;
  readonly singleFlight: boolean;
}

function onDemand(world: World, { bufferMs, singleFlight }: OnDemand): Source {
  const held = new Map<number, CredentialSet>();
  const call = (profile: number, answer: Answer): void =>
    world.upstream.call(profile, (set) => {
      if (set) held.set(profile, set);
      answer(set);
    });
  const fetch = singleFlight ? joined(call) : call;
  return {
    request: (profile, _holdMs, answer) => {
      const set = held.get(profile);
      if (set && set.expiresAt - world.time.now > bufferMs) return answer(set);
      fetch(profile, answer);
    },
  };
}

type Fetch = (profile: number, answer: Answer) => void;

/** All who ask while a call is under way get its answer. */
function joined(fetch: Fetch): Fetch {
  const waiting = new Map<number, Answer[]>();
  return (profile, answer) => {
    const others = waiting.get(profile);
    if (others) return void others.push(answer);
    waiting.set(profile, [answer]);
    fetch(profile, (set) => {
      const all = waiting.get(profile) ?? [];
      waiting.delete(profile);
      for (const one of all) one(set);
    });
  };
}

interface Swept {
  readonly set: CredentialSet;
  readonly renewAt: number;
}

function sweep({ time, upstream, random }: World): Source {
  const held = new Map<number, Swept>();
  const fetch = joined((profile, answer) =>
    upstream.call(profile, (set) => {
      if (set) held.set(profile, { set, renewAt: (time.now + set.expiresAt) / 2 });
      answer(set);
    }),
  );
  const retry = (profile: number, { set }: Swept): void => {
    const renewAt = time.now + between(random, minutes(1), minutes(2));
    held.set(profile, { set, renewAt });
  };
  time.every(minutes(1), () => {
    for (const [profile, swept] of held) {
      if (swept.set.expiresAt - time.now <= seconds(15)) held.delete(profile);
      else if (time.now >= swept.renewAt) fetch(profile, (set) => set ?? retry(profile, swept));
    }
  });
  return {
    request: (profile, _holdMs, answer) => {
      const swept = held.get(profile);
      if (swept && swept.set.expiresAt - time.now > seconds(15)) return answer(swept.set);
      fetch(profile, answer);
    },
  };
}
