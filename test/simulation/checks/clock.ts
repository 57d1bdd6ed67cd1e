/** What the broker takes for the time: it goes forward, and a server's date sets it right. */
import { seconds } from '../../support/fake-clock.ts';
import type { Process } from '../daemon.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** The tolerance of the clock, and the part of a second that a date leaves out. */
const offMs = seconds(2) + seconds(1);

export class ClockChecks {
  readonly #time: VirtualTime;
  readonly #story: Story;
  #process = 0;
  #latest = 0;

  constructor(time: VirtualTime, story: Story) {
    this.#time = time;
    this.#story = story;
  }

  read({ clock, number }: Process): void {
    const now = clock.now();
    if (number === this.#process && now < this.#latest) this.#story.complain('27: the clock runs backwards');
    this.#process = number;
    this.#latest = now;
  }

  anchored(process: Process, rttMs: number): void {
    const off = Math.abs(process.clock.now() - this.#time.truth());
    if (rttMs < seconds(2) && off > offMs + rttMs) this.#story.complain(`27: ${off} ms off after an answer`);
    this.#latest = 0;
    this.read(process);
  }
}
