import type { Child, LeaseParent, ParentEvent } from './lease-parent.ts';
import type { SessionAccess } from './lease-state.ts';
import type { UpstreamGate } from './upstream-gate.ts';

interface NoParentOptions {
  /** As the user knows upstream, for messages. */
  readonly who: string;
  readonly gate: UpstreamGate;
}

/** Of a profile that needs nobody: a helper program, keys of its own, a token in a file. */
export class NoParent implements LeaseParent {
  readonly who: string;
  readonly gate: UpstreamGate;
  readonly #children = new Set<Child>();

  constructor({ who, gate }: NoParentOptions) {
    this.who = who;
    this.gate = gate;
  }

  attach(child: Child): void {
    this.#children.add(child);
  }

  detach(child: Child): void {
    this.#children.delete(child);
  }

  access(): SessionAccess {
    return { type: 'ready', generation: 0 };
  }

  record(): null {
    return null;
  }

  source(): null {
    return null;
  }

  shown(): null {
    return null;
  }

  /** There is nothing else to try with: upstream means this profile. */
  dispatch(event: ParentEvent): void {
    if (event.type !== 'unauthorized') return;
    for (const child of this.#children) child.dispatch({ type: 'judged', generation: event.generation, good: true });
  }
}
