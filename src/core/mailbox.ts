/** Runs one thing to its end before the next: machines that answer each other never meet half a step. */
export class Mailbox {
  readonly #waiting: (() => void)[] = [];
  #running = false;

  post(work: () => void): void {
    this.#waiting.push(work);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next();
    } finally {
      this.#running = false;
    }
  }
}
