/** The person and their browser: the windows that open, and whether each of them may. */
import type { LoginOutcome, LoginRequest, SessionRecord } from '../../../src/core/types.ts';
import { type FakeClock, hours, minutes, seconds } from '../../support/fake-clock.ts';
import type { Network } from './network.ts';
import type { Truth } from './truth.ts';

interface Window {
  readonly answer: (outcome: LoginOutcome) => void;
}

export interface Surroundings {
  readonly clock: FakeClock;
  /** Time as the broker has it, which its cooldowns go by. */
  readonly believed: () => number;
  readonly truth: Truth;
  readonly network: Network;
  readonly stored: () => SessionRecord | null;
  readonly complain: (what: string) => void;
}

const ladder = [minutes(30), hours(2), hours(8)];

export class Person {
  window: Window | null = null;
  leftAt = 0;
  readonly #around: Surroundings;
  /** The next window is one the person asked for. */
  #asks = false;
  #unanswered: number[] = [];
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Asking is always allowed, and ends a logout and every cooldown. */
  wantsWindow(asks: boolean): void {
    this.#asks = asks;
    if (!asks) return;
    this.#unanswered = [];
    this.#quietUntil = Number.NEGATIVE_INFINITY;
    this.#around.truth.signedOut = false;
  }

  /** The browser opens. */
  see = ({ signal }: LoginRequest): Promise<LoginOutcome> => {
    const { believed, complain } = this.#around;
    if (this.window) complain('two windows are open');
    if (!this.#asks) this.#checkWindow();
    this.#asks = false;
    const now = believed();
    this.#unanswered = [...this.#unanswered.filter((at) => now - at < hours(24)), now];
    this.#quietUntil = now + (ladder[Math.min(this.#unanswered.length, 3) - 1] ?? 0);
    return new Promise((resolve) => {
      const window = {
        answer: (outcome: LoginOutcome): void => {
          if (this.window === window) this.window = null;
          resolve(outcome);
        },
      };
      this.window = window;
      signal.addEventListener('abort', () => window.answer({ type: 'unanswered', detail: 'closed' }));
    });
  };

  /** Answers the window that is open. */
  answer(type: 'ok' | 'declined' | 'unanswered'): void {
    const { truth, believed, clock } = this.#around;
    const { window } = this;
    if (!window) return;
    if (type === 'declined') this.#quietUntil = Math.max(this.#quietUntil, believed() + hours(2));
    if (type !== 'ok') return window.answer({ type, detail: '' });
    const record = truth.signIn();
    this.#unanswered = [];
    this.#quietUntil = believed() + minutes(1);
    window.answer({ type, record, lifetimeMs: record.expiresAt - clock.now() });
  }

  #checkWindow(): void {
    const { believed, clock, network, truth, stored, complain } = this.#around;
    if (truth.signedOut) complain('a window opens after a logout');
    // Whoever was there a moment ago is taken to be there still.
    if (truth.away && clock.mono() - this.leftAt > seconds(30)) complain('a window opens while nobody is there');
    if (believed() < this.#quietUntil) complain('a window opens within the cooldown');
    if (this.#unanswered.length >= 3) complain('a fourth window opens within a day');
    const { at, reached } = network.contact;
    if (!reached || clock.mono() - at > minutes(1)) complain('a window opens although upstream was not reached');
    const record = stored();
    const taken = truth.takesRefresh(record?.refreshToken ?? null) || truth.takesAccess(record, seconds(35));
    if (taken) complain(`a window opens although the server takes ${record?.refreshToken}`);
  }
}
