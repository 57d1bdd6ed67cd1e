/** Where callers get credentials from: the one interface behind which the strategies differ. */
import type { Random } from './random.ts';
import type { CredentialSet, Upstream } from './upstream.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Answer = (set: CredentialSet | null) => void;

export interface Source {
  /** Answers at once, later, or with null: a failure. `holdMs` is how long this caller can be kept waiting. */
  readonly request: (profile: number, holdMs: number, answer: Answer) => void;
}

export interface World {
  readonly time: VirtualTime;
  readonly upstream: Upstream;
  readonly random: Random;
  readonly profiles: number;
}

export interface Strategy {
  readonly name: string;
  readonly open: (world: World) => Source;
}
