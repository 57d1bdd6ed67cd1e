/** Those who wait for a lease, as promises: each is answered once or leaves. */
import type { Served } from './api.ts';
import { type Failure, toError } from './failure.ts';

interface Caller {
  readonly serve: (served: Served) => void;
  readonly fail: (why: Failure) => void;
}

interface Reports {
  readonly arrived: (waiter: number) => void;
  readonly left: (waiter: number) => void;
}

export class LeaseCallers {
  readonly #callers = new Map<number, Caller>();
  #next = 1;

  wait(signal: AbortSignal, { arrived, left }: Reports): Promise<Served> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const waiter = this.#next++;
      const leave = (): void => {
        this.#callers.delete(waiter);
        left(waiter);
        reject(signal.reason);
      };
      const settled =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          signal.removeEventListener('abort', leave);
          this.#callers.delete(waiter);
          then(value);
        };
      signal.addEventListener('abort', leave);
      this.#callers.set(waiter, { serve: settled(resolve), fail: settled((why: Failure) => reject(toError(why))) });
      arrived(waiter);
    });
  }

  serve(waiter: number, served: Served): void {
    this.#callers.get(waiter)?.serve(served);
  }

  fail(waiter: number, why: Failure): void {
    this.#callers.get(waiter)?.fail(why);
  }
}
