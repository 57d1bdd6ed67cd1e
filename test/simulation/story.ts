import type { VirtualTime } from './virtual-time.ts';

const kept = 200;

/** What happened, what was wrong with it, and how often each thing was seen. */
export class Story {
  readonly #time: VirtualTime;
  readonly #events: { readonly at: number; readonly what: string }[] = [];
  readonly complaints: string[] = [];
  readonly counts: Record<string, number> = {};

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  tell = (what: string): void => {
    if (this.over()) return;
    this.#events.push({ at: this.#time.mono(), what });
    if (this.#events.length > 4 * kept) this.#events.splice(0, 3 * kept);
  };

  /** The first one ends the run: what comes after it is its consequence. */
  complain = (what: string): void => {
    if (this.over()) return;
    this.tell(`!!! ${what}`);
    this.complaints.push(what);
  };

  count = (what: string): void => {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  };

  /** Told and counted. */
  note(kind: string, what: string): void {
    this.count(kind);
    this.tell(`${kind}: ${what}`);
  }

  over = (): boolean => this.complaints.length > 0;

  last = (): readonly string[] => this.#events.slice(-kept).map(({ at, what }) => `${clockFace(at)} ${what}`);
}

/** Hours, minutes, seconds and milliseconds of monotonic time. */
function clockFace(ms: number): string {
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const whole = Math.floor(ms);
  const [h, m, s] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1_000) % 60];
  return `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}.${pad(whole % 1_000, 3)}`;
}
