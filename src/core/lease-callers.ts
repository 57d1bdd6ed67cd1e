/** Those who wait for a lease, as promises: each is answered once or leaves. */
import type { Served } from './api.ts';
import { type Failure, toError } from './failure.ts';
import type { Answers, ProgressEvent, ProgressName, Wish } from './wish.ts';

interface Caller {
  readonly serve: (served: Served) => void;
  readonly fail: (why: Failure) => void;
  /** A person's. */
  readonly wish: Wish | undefined;
}

const nothingSaid: Answers = { justification: null, ticketType: null, ticketId: null, otp: null };

interface Visit {
  readonly signal: AbortSignal;
  readonly wish: Wish | undefined;
}

interface Reports {
  readonly arrived: (waiter: number) => void;
  readonly left: (waiter: number) => void;
}

/** What lasts a while, so that whoever comes later hears of it, too. */
const lasting: ReadonlySet<ProgressName> = new Set(['checkout.wait', 'approval.waiting', 'checkin.wait']);

export class LeaseCallers {
  readonly #callers = new Map<number, Caller>();
  #lasts: ProgressEvent | null = null;
  #next = 1;

  wait({ signal, wish }: Visit, { arrived, left }: Reports): Promise<Served> {
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
      const fail = settled((why: Failure) => reject(toError(why)));
      this.#callers.set(waiter, { serve: settled(resolve), fail, wish });
      if (this.#lasts) wish?.progress(this.#lasts);
      arrived(waiter);
    });
  }

  /** Of all who wait at the moment of asking: what the last of them said, and word to each as it comes. */
  wish(force: boolean): Wish {
    this.#lasts = null;
    const answers = this.#wishes().at(-1)?.answers ?? nothingSaid;
    return {
      force,
      answers,
      progress: (event) => {
        this.#lasts = lasting.has(event.event) ? event : null;
        for (const { progress } of this.#wishes()) progress(event);
      },
    };
  }

  /** Nothing is waited for any more. */
  settled(): void {
    this.#lasts = null;
  }

  #wishes(): readonly Wish[] {
    return [...this.#callers.values()].flatMap(({ wish }) => wish ?? []);
  }

  serve(waiter: number, served: Served): void {
    this.#callers.get(waiter)?.serve(served);
  }

  fail(waiter: number, why: Failure): void {
    this.#callers.get(waiter)?.fail(why);
  }
}
