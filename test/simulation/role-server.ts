/**
 * What hands out credentials, as it truly is: sets that live side by side, checkouts that can be extended, and checkouts of
 * which there is one at a time.
 */
import type { ProfileScenario } from './scenario.ts';
import { canary } from './sign-in-server.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface KeySet {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: number;
  readonly transaction: string | null;
}

export type RoleAnswer =
  | { readonly type: 'issued'; readonly keys: KeySet }
  | { readonly type: 'running'; readonly until: number };

export interface CheckoutWish {
  readonly transaction: string | null;
  readonly force: boolean;
  /** The tick at which the request was made. */
  readonly askedAt: number;
}

export class RoleServer {
  readonly #profile: ProfileScenario;
  readonly #time: VirtualTime;
  readonly #story: Story;
  /** Keys, when upstream stops taking them, and when the latest request that they answered was made. */
  readonly #ends = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #lifetimes = new Map<string, number>();
  #running: KeySet | null = null;
  #serial = 0;

  constructor(profile: ProfileScenario, time: VirtualTime, story: Story) {
    this.#story = story;
    this.#profile = profile;
    this.#time = time;
  }

  /** The adapter reads an already running checkout back where it can name it, as Britive's own SDK does. */
  acquire(wish: CheckoutWish): RoleAnswer {
    const before = this.#current();
    const answer = this.#answer(wish);
    const kind = this.#profile.renewal === 'overlap' ? null : this.#kindOf(answer, before);
    if (kind) this.#story.count(kind);
    if (answer.type === 'issued') this.#asked.set(answer.keys.accessKeyId, wish.askedAt);
    return answer;
  }

  /** `late`: its sender has given it up, and cannot know that it ended what was handed out since. */
  release(transaction: string, late: boolean): void {
    const running = this.#current();
    if (!running || running.transaction !== transaction) return;
    if (!late) this.#ends.set(running.accessKeyId, this.#time.truth());
    this.#running = null;
  }

  /** Upstream's own word on when these keys end. */
  endOf(accessKeyId: string): number {
    return this.#ends.get(accessKeyId) ?? 0;
  }

  /** How long the daemon believed these keys to live when they arrived. */
  delivered(accessKeyId: string, lifetimeMs: number): void {
    this.#lifetimes.set(accessKeyId, lifetimeMs);
  }

  lifetimeOf(accessKeyId: string): number {
    return this.#lifetimes.get(accessKeyId) ?? this.#profile.lifeMs;
  }

  /** The tick of the latest request that these keys answered. */
  askedAt(accessKeyId: string): number {
    return this.#asked.get(accessKeyId) ?? 0;
  }

  #answer({ transaction, force }: CheckoutWish): RoleAnswer {
    const { renewal, cachedUpstream, lifeMs } = this.#profile;
    const running = this.#current();
    if (renewal === 'overlap') {
      const cached = cachedUpstream && running && running.expiresAt - this.#time.truth() > lifeMs / 2;
      return { type: 'issued', keys: cached ? running : this.#issue(null) };
    }
    if (!running || force) return { type: 'issued', keys: this.#issue(`${this.#profile.name}-${++this.#serial}`) };
    if (renewal === 'extend') return { type: 'issued', keys: this.#issue(running.transaction) };
    if (running.transaction === transaction) return { type: 'issued', keys: running };
    return { type: 'running', until: running.expiresAt };
  }

  isRunning = (): boolean => this.#current() !== null;

  #kindOf(answer: RoleAnswer, before: KeySet | null): string {
    if (answer.type === 'running') return 'checkout still running';
    if (answer.keys === before) return 'checkout adopted';
    if (before) return this.#profile.renewal === 'extend' ? 'checkout extended' : 'checkout forced';
    return this.#running === null ? 'first checkout' : 'exclusive rollover';
  }

  #current(): KeySet | null {
    return this.#running && this.#running.expiresAt > this.#time.truth() ? this.#running : null;
  }

  #issue(transaction: string | null): KeySet {
    const serial = ++this.#serial;
    const keys = {
      accessKeyId: `ASIA${this.#profile.name.toUpperCase().replace('-', '')}${serial}`,
      secretAccessKey: `${canary}-secret-${serial}`,
      sessionToken: `${canary}-session-token-${serial}`,
      expiresAt: this.#time.truth() + this.#profile.lifeMs,
      transaction,
    };
    this.#ends.set(keys.accessKeyId, keys.expiresAt);
    this.#running = keys;
    return keys;
  }
}
