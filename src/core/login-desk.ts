/** Everybody who waits for one sign-in: joins them, shows the prompt to latecomers too, ends with the last who leaves. */
import type { LoginOptions } from './api.ts';
import { type Failure, toError } from './failure.ts';
import type { LoginPrompt } from './types.ts';

type LoginWish = Pick<LoginOptions, 'flow' | 'openBrowser' | 'token'>;

interface Visitor {
  readonly options: LoginOptions;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** What they were shown last. */
  shown: LoginPrompt | null;
}

export class LoginDesk {
  readonly #visitors = new Set<Visitor>();
  #current: { readonly id: number; readonly wish: LoginWish; readonly abort: AbortController } | null = null;
  #prompt: LoginPrompt | null = null;

  /** A flow that a newcomer can join instead of starting another. */
  offers({ flow, token }: LoginWish): boolean {
    const current = this.#current?.wish;
    return current?.flow === flow && current.token === token;
  }

  /** How the flow about to start should go: as its latest visitor likes it, where a person is behind it. */
  wish(byUser: boolean): LoginWish {
    const latest = byUser ? [...this.#visitors].at(-1) : undefined;
    return latest?.options ?? { flow: 'browser', openBrowser: true, token: null };
  }

  open(id: number, wish: LoginWish): { readonly signal: AbortSignal; readonly prompt: (prompt: LoginPrompt) => void } {
    const abort = new AbortController();
    this.#current = { id, wish, abort };
    this.#prompt = null;
    const prompt = (next: LoginPrompt): void => {
      if (this.#current?.id !== id) return;
      this.#prompt = next;
      this.catchUp();
    };
    return { signal: abort.signal, prompt };
  }

  abort(id: number): void {
    if (this.#current?.id !== id) return;
    this.#current.abort.abort();
    this.#current = null;
    this.#prompt = null;
  }

  /** Shows the prompt to those who have not seen it. Called once it is known that it stays. */
  catchUp(): void {
    const prompt = this.#prompt;
    if (prompt === null) return;
    for (const visitor of this.#visitors) {
      if (visitor.shown === prompt) continue;
      visitor.shown = prompt;
      visitor.options.prompt(prompt);
    }
  }

  /** Resolves when signed in. `left` is called when the last visitor has gone. */
  visit(options: LoginOptions, left: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const visitor: Visitor = { options, resolve, reject, shown: null };
      this.#visitors.add(visitor);
      options.signal.addEventListener('abort', () => {
        if (!this.#visitors.delete(visitor)) return;
        reject(options.signal.reason);
        if (this.#visitors.size === 0) left();
      });
    });
  }

  close(id: number, why: Failure | null): void {
    if (this.#current && this.#current.id !== id) return;
    this.#current?.abort.abort();
    this.#current = null;
    this.#prompt = null;
    for (const { resolve, reject } of this.#visitors) why ? reject(toError(why)) : resolve();
    this.#visitors.clear();
  }
}
