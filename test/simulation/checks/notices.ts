/** The person is told in time and not too often, also across restarts. */
import type { Notice } from '../../../src/core/notice.ts';
import type { RefreshNumbers } from '../../../src/core/settings.ts';
import type { Daemon } from '../daemon.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface NoticeCheckParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly numbers: RefreshNumbers['login'];
}

export class NoticeChecks {
  readonly #parts: NoticeCheckParts;
  /** How often each end of the session was announced. */
  readonly #endings = new Map<string, number>();
  #needs = 0;
  #since = { wall: 0, truth: 0 };

  constructor(parts: NoticeCheckParts) {
    this.#parts = parts;
  }

  /** New tokens, from wherever: what was said before is settled. */
  settled(): void {
    this.#needs = 0;
  }

  told({ kind, session, message }: Notice): void {
    this.#parts.story.note(`notice ${kind}`, message);
    if (kind === 'session-ending') return this.#ending(session);
    if (kind === 'sign-in-needed') this.#need();
  }

  /** As soon as it is known, and at each of the configured moments. */
  #ending(session: string): void {
    const views = this.#parts.daemon.process.broker.sessions();
    const end = views.find(({ name }) => name === session)?.expiresAt ?? '';
    const times = (this.#endings.get(end) ?? 0) + 1;
    this.#endings.set(end, times);
    const most = 1 + this.#parts.numbers.remindBeforeMs.length;
    if (times > most) this.#parts.story.complain(`reminders: told ${times} times of the end at ${end}`);
  }

  /** Once before the end of the session and once after it, then at the configured pace; a clock that leaps may hurry it. */
  #need(): void {
    const { time, daemon, numbers, story } = this.#parts;
    const now = { wall: daemon.process.clock.now(), truth: time.truth() };
    if (this.#needs === 0) this.#since = now;
    this.#needs += 1;
    const passed = Math.max(now.wall - this.#since.wall, now.truth - this.#since.truth);
    const most = 2 + Math.floor(passed / numbers.remindEveryMs);
    if (this.#needs > most) story.complain(`reminders: ${this.#needs} in ${Math.round(passed / 60_000)} minutes`);
  }
}
