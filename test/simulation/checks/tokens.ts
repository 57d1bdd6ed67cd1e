/** Refresh tokens are stored before use and never sent after their time; which tokens the broker must know of. */
import type { SessionRecord } from '../../../src/core/types.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { SiteScenario } from '../scenario.ts';
import type { SignInServer } from '../sign-in-server.ts';
import type { Story } from '../story.ts';
import type { TokenStore } from '../token-store.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface TokenCheckParts {
  readonly scenario: SiteScenario;
  readonly time: VirtualTime;
  readonly story: Story;
  readonly server: SignInServer;
  readonly store: TokenStore;
}

/** How long the broker may take to notice what happened to its store. */
const noticeMs = seconds(5);

export class TokenChecks {
  readonly #parts: TokenCheckParts;
  /** What was delivered to the living process; gone with it. */
  #inMemory: SessionRecord | null = null;
  /** When a refresh token was first sent, and which ones have had a word from the server; true time. */
  readonly #sentAt = new Map<string, number>();
  readonly #answered = new Set<string>();
  /** Refused by the server: nothing more can be had for them. */
  #disowned: string | null = null;
  readonly #losses = new Set<string>();
  readonly #over = new Set<string>();
  #latest = { token: '', at: 0, heard: true };

  constructor(parts: TokenCheckParts) {
    this.#parts = parts;
  }

  delivered(record: SessionRecord): void {
    this.#inMemory = record;
  }

  /** Signed out, or another tool has written to the store: what stands there counts now. */
  forgotten(): void {
    this.#inMemory = null;
  }

  /** By the user: what cannot be deleted is not to be used again either. */
  signedOut(): void {
    this.#inMemory = null;
    this.#disowned = this.#parts.store.stored?.accessToken ?? this.#disowned;
  }

  /** Nothing newer lives in the broker's memory alone. */
  isNewest(stored: SessionRecord): boolean {
    return this.#inMemory === null || this.#inMemory.accessToken === stored.accessToken;
  }

  /** A process that ends before it has stored an answer leaves its successor nothing but to ask again. */
  processEnded(): void {
    this.#inMemory = null;
    this.#answered.clear();
  }

  /**
   * A crash came between a refresh and its answer: while the server may still take the same token it is sent again at
   * once. `isSame` says whether this process and its clock are still the ones that began.
   */
  processStarted(isSame: () => boolean): void {
    const { time, story, store, scenario } = this.#parts;
    const { token, at, heard } = this.#latest;
    const soon = time.truth() - at < seconds(20) && token === store.stored?.refreshToken && !store.unreadable;
    if (!soon || heard || store.torn || this.#over.has(token) || !scenario.refreshes) return;
    const began = time.truth();
    time.after(seconds(3), () => {
      if (!isSame() || store.stored?.refreshToken !== token || store.unrestAt > time.mono() - seconds(4)) return;
      story.count('asked again after a crash');
      if (this.#latest.at < began) story.complain('17: the refresh that a crash cut short is not tried again');
    });
  }

  /** An answer was lost for the first time: the same token goes out again while the server may still take it. */
  lost(token: string, isSame: () => boolean): void {
    const { time, story, store } = this.#parts;
    if (this.#losses.has(token)) return;
    this.#losses.add(token);
    const lostAt = time.truth();
    time.after(seconds(3), () => {
      const changed = store.stored?.refreshToken !== token || time.mono() - store.unrestAt < seconds(4);
      if (changed || store.unreadable || !isSame() || this.#over.has(token)) return;
      story.count('asked again after a lost answer');
      if (this.#latest.at < lostAt) story.complain('17: a lost answer is not asked for again at once');
    });
  }

  sent(token: string): void {
    const { time, story } = this.#parts;
    this.#latest = { token, at: time.truth(), heard: false };
    const first = this.#sentAt.get(token) ?? time.truth();
    this.#sentAt.set(token, first);
    if (this.#answered.has(token) && time.truth() - first > seconds(30)) {
      story.complain(`17: ${token.slice(-12)} is sent again long after it was answered`);
    }
  }

  /** The daemon knows what came of its latest refresh. */
  heard(): void {
    this.#latest.heard = true;
  }

  answered(token: string, rejected: boolean): void {
    if (rejected || this.#parts.scenario.rotates) this.#answered.add(token);
    if (rejected) this.#over.add(token);
  }

  used(record: SessionRecord | null): void {
    const { store, story } = this.#parts;
    if (!record || !store.seen.has(record.accessToken)) story.complain('16: a token is used before it was stored');
  }

  /** What the broker could still use if it looked: neither a secret of a dead process nor what cannot be read. */
  known(): readonly SessionRecord[] {
    const { store, time } = this.#parts;
    // What could not be replaced there is older than what replaces it in memory.
    const older = this.#inMemory !== null && store.readOnly;
    const settled = time.mono() - store.unrestAt > noticeMs && !store.unreadable && !older;
    const records = [this.#inMemory, settled ? store.stored : null].filter((record) => record !== null);
    return records.filter(({ accessToken }) => accessToken !== this.#disowned);
  }

  /** Whether the end that was reckoned when the tokens came is about the one the server has in mind. */
  reckonedRight(): boolean {
    const ends = this.known().map(({ accessToken, expiresAt }) => expiresAt - this.#parts.server.endsAt(accessToken));
    return ends.every((off) => Math.abs(off) < minutes(1));
  }

  /** The server takes an access token that the broker has. */
  accepted(): boolean {
    return this.known().some(({ accessToken }) => this.#parts.server.takesAccess(accessToken, seconds(90)));
  }

  /** Why no person is needed, or null when the server would refuse everything there is. */
  stillGood(): string | null {
    const { server } = this.#parts;
    for (const { accessToken, refreshToken } of this.known()) {
      if (server.takesAccess(accessToken, seconds(35))) return 'the access token is good';
      if (server.takesRefresh(refreshToken)) return 'the refresh token is good';
    }
    return null;
  }
}
