/**
 * What can go wrong between an operation and its client. `reset` comes in two kinds that a client cannot tell apart:
 * `resetBefore` leaves everything as it was; `resetAfter` loses the answer of a call that took effect.
 */
import type { Call } from './call.ts';
import type { Operation } from './operations.ts';

export type Fault =
  /** Answers instead of the operation; `body` is JSON unless it is text. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** 200 and half a JSON document, complete as HTTP. */
  | { readonly kind: 'malformedJson' }
  | { readonly kind: 'badGateway' }
  /** 200 and a hotel's log-in page. */
  | { readonly kind: 'captivePortal' }
  /** The operation's answer, cut in the middle of its body. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'resetBefore' }
  | { readonly kind: 'resetAfter' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The operation's answer, one byte every `ms`. */
  | { readonly kind: 'trickle'; readonly ms: number }
  /** Waits for `release()` before the operation runs. */
  | { readonly kind: 'hold' }
  /** Runs the operation and keeps its answer until `release()`. */
  | { readonly kind: 'holdAnswer' };

export interface FaultScope {
  /** How many calls it meets before all is well again; without it, every one. */
  readonly times?: number;
  /** Meets only the calls that satisfy, such as one grant of CreateToken. */
  readonly when?: (call: Call) => boolean;
}

/** A fault in place. */
export interface PlacedFault {
  /** Lets go of the calls that are held, and holds no more. */
  readonly release: () => void;
  readonly remove: () => void;
}

export interface MetFault {
  readonly fault: Fault;
  readonly released: Promise<void>;
}

interface Rule {
  readonly operation: Operation | '*';
  readonly fault: Fault;
  readonly when: (call: Call) => boolean;
  readonly released: Promise<void>;
  readonly release: () => void;
  left: number;
}

/** The first fault in the order of adding that fits a call meets it. */
export class Faults {
  readonly #rules = new Set<Rule>();
  readonly #holding = new Set<() => void>();

  add(operation: Operation | '*', fault: Fault, scope: FaultScope = {}): PlacedFault {
    const { promise, resolve } = settleable();
    const left = scope.times ?? Number.POSITIVE_INFINITY;
    const rule = { operation, fault, when: scope.when ?? (() => true), released: promise, release: resolve, left };
    this.#rules.add(rule);
    this.#holding.add(resolve);
    const remove = (): void => void this.#rules.delete(rule);
    const release = (): void => {
      remove();
      resolve();
    };
    return { release, remove };
  }

  /** All is well again, for the calls that are held too. */
  clear(): void {
    this.#rules.clear();
    for (const release of this.#holding) release();
    this.#holding.clear();
  }

  /** For the server: the fault that meets this call. */
  meet(operation: Operation, call: Call): MetFault | null {
    for (const rule of this.#rules) {
      if ((rule.operation !== '*' && rule.operation !== operation) || !rule.when(call)) continue;
      rule.left -= 1;
      if (rule.left <= 0) this.#rules.delete(rule);
      return { fault: rule.fault, released: rule.released };
    }
    return null;
  }
}

function settleable(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
