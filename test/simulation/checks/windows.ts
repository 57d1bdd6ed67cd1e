/** When a browser may open by itself, judged by what is true and not by what the broker knows. */
import type { RefreshNumbers } from '../../../src/core/settings.ts';
import type { LoginOutcome } from '../../../src/core/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import type { Daemon } from '../daemon.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { CallChecks } from './calls.ts';
import type { TokenChecks } from './tokens.ts';

export interface WindowCheckParts {
  readonly site: string;
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly numbers: RefreshNumbers['login'];
  readonly calls: CallChecks;
  readonly tokens: TokenChecks;
  /** Since when nobody would see a window, monotonic; null while somebody would, or while that cannot be known. */
  readonly awaySince: () => number | null;
  /** When a program last asked for a profile of this site, or still waits; monotonic. */
  readonly demandedAt: () => number;
  readonly mayOpen: () => boolean;
  /** Something of this site can still be handed out. */
  readonly inUse: () => boolean;
}

/** By the clock the broker has, which is the one its promises are made in. */
interface Pause {
  readonly until: number;
  readonly why: string;
  /** The same in true time: a clock that was set right has not given anything back. */
  readonly untilTruly: number;
}

/** Longer than the broker goes by one look at the person, and by one question to upstream. */
const glanceMs = seconds(40);
const inquiryMs = minutes(3);
const roundingMs = seconds(2);

export class WindowChecks {
  readonly #parts: WindowCheckParts;
  #open: { readonly byUser: boolean; readonly process: number } | null = null;
  #signedOut = false;
  /** Opened by themselves and not finished. */
  #unanswered: number[] = [];
  #pause: Pause = { until: Number.NEGATIVE_INFINITY, why: '', untilTruly: 0 };
  #doubtfulUntil = 0;
  /** When the user last asked while one was open; monotonic. */
  #joinedAt = Number.NEGATIVE_INFINITY;
  /** When one last opened, by itself or not; monotonic. */
  openedAt = Number.NEGATIVE_INFINITY;
  closedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: WindowCheckParts) {
    this.#parts = parts;
  }

  opened(byUser: boolean): void {
    const { story, daemon, site, time } = this.#parts;
    story.note(byUser ? 'window by the user' : 'window by itself', site);
    if (this.#open?.process === daemon.process.number) story.complain('10: two sign-ins are open');
    if (!byUser) this.#mayOpen();
    if (!byUser && this.#parts.inUse()) story.count('window before programs fail');
    this.#open = { byUser, process: daemon.process.number };
    this.openedAt = time.mono();
    const earlier = byUser ? [] : this.#lastDay();
    this.#unanswered = [...earlier, this.#now()];
    if (this.#unanswered.length === this.#parts.numbers.maxUnansweredPerDay) story.count('third window of a day');
    const { cooldownsMs } = this.#parts.numbers;
    const rung = cooldownsMs[Math.min(this.#unanswered.length, cooldownsMs.length) - 1] ?? 0;
    this.#pauseFor(rung, `rung ${this.#unanswered.length}`);
  }

  ended(outcome: LoginOutcome): void {
    const { story, numbers } = this.#parts;
    story.note(`window ${outcome.type}`, this.#parts.site);
    this.#open = null;
    this.closedAt = this.#parts.time.mono();
    if (outcome.type === 'ok') return this.signedIn();
    if (outcome.type !== 'declined') return;
    const ms = Math.max(numbers.cooldownsMs[1] ?? 0, this.#pause.until - this.#now());
    this.#pauseFor(ms, 'declined');
  }

  /** With another tool, which owes us no pause. Whether the broker takes it for a sign-in is its own matter. */
  signedInElsewhere(): void {
    this.#signedOut = false;
    this.#unanswered = [];
    this.#pauseFor(0, '');
    this.#doubtfulUntil = this.#parts.time.truth() + hours(24);
  }

  signedIn(): void {
    this.#signedOut = false;
    this.#unanswered = [];
    this.#pauseFor(this.#parts.numbers.afterSuccessMs, 'just signed in');
  }

  signedOut(): void {
    this.#signedOut = true;
  }

  /** That clears what was before, also where the window does not come to open. */
  userAsks(): void {
    this.#signedOut = false;
    // Joins the one that is open, which is theirs from now on, or has it replaced.
    if (this.#open) {
      this.#joinedAt = this.#parts.time.mono();
      if (this.#open.byUser) return;
      this.#open = { ...this.#open, byUser: true };
    }
    this.#unanswered = [this.#now()];
    this.#pauseFor(this.#parts.numbers.cooldownsMs[0] ?? 0, 'rung 1');
  }

  processEnded(): void {
    // What a crash leaves of a sign-in that was just being stored or replaced is anybody's guess.
    if (this.#parts.time.mono() - Math.max(this.closedAt, this.#joinedAt) < seconds(2)) this.signedInElsewhere();
    this.#open = null;
  }

  isSignedOut = (): boolean => this.#signedOut;

  /** Nothing has kept a window from opening by itself for that long. */
  freeFor(ms: number): boolean {
    return (
      this.#doubtfulUntil < this.#parts.time.truth() &&
      this.restraint() === null &&
      this.#pause.untilTruly < this.#parts.time.truth() - ms
    );
  }

  isOpen = (): boolean => this.#open !== null;

  /** Null when nothing keeps a window from opening by itself. */
  restraint(): string | null {
    if (!this.#parts.mayOpen()) return 'manual';
    if (this.#signedOut) return 'signed out';
    if (this.#lastDay().length >= this.#parts.numbers.maxUnansweredPerDay) return 'daily cap';
    const { until, untilTruly, why } = this.#pause;
    const early = this.#now() < until - roundingMs && this.#parts.time.truth() < untilTruly - roundingMs;
    return early ? why : null;
  }

  #mayOpen(): void {
    const { story, time, tokens, calls, awaySince, demandedAt } = this.#parts;
    const good = tokens.stillGood();
    if (good) story.complain(`8: a window although ${good}`);
    const silence = time.truth() - calls.contact.at;
    if (!calls.contact.reached || silence > minutes(1) + roundingMs) {
      story.complain(`9: a window ${Math.round(silence)} ms after upstream was reached`);
    }
    const restraint = this.restraint();
    if (restraint) story.complain(`11: a window although: ${restraint}`);
    const away = awaySince();
    if (away !== null && time.mono() - away > glanceMs) story.complain('11: a window while nobody is there');
    if (time.mono() - demandedAt() > inquiryMs) story.complain('15: a window that nobody asked for');
  }

  #pauseFor(ms: number, why: string): void {
    this.#pause = { until: this.#now() + ms, untilTruly: this.#parts.time.truth() + ms, why };
  }

  #lastDay(): number[] {
    return this.#unanswered.filter((at) => this.#now() - at < hours(24) - roundingMs);
  }

  #now(): number {
    return this.#parts.daemon.process.clock.now();
  }
}
