/** What programs are told, judged by the servers' truth. */
import type { Served } from '../../../src/core/api.ts';
import { BrokerError } from '../../../src/core/errors.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import type { Daemon } from '../daemon.ts';
import type { RoleServer } from '../role-server.ts';
import type { ProfileScenario } from '../scenario.ts';
import type { Site } from '../site.ts';
import type { Story } from '../story.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface Post {
  readonly scenario: ProfileScenario;
  readonly roles: RoleServer;
  readonly site: Site;
}

export interface ServingCheckParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly post: (profile: string) => Post;
  /** The clock was set within the last beats. */
  readonly leaptLately: () => boolean;
  /** Others want to know as well. */
  readonly asked: (profile: string) => void;
  /** What is left of them, and what was left when they arrived. */
  readonly toldServed: (profile: string, leftMs: number, lifetimeMs: number) => void;
  readonly toldRefused: (profile: string, error: BrokerError) => void;
}

/** What is known of one profile's answers since something ended what came before. */
interface Ledger {
  last: { readonly served: Served; readonly accessKeyId: string } | null;
  /** `last`, while no clock has leapt: one that is ahead for a moment may have made the broker throw it away. */
  owed: Ledger['last'];
  /** The tick of the latest drop. */
  droppedAt: number;
  askedAt: number;
  waiting: number;
}

export interface Visit {
  readonly profile: string;
  readonly process: number;
  answered: boolean;
}

export class ServingChecks {
  readonly #parts: ServingCheckParts;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(parts: ServingCheckParts) {
    this.#parts = parts;
  }

  asks(profile: string): void {
    this.#ledger(profile).askedAt = this.#parts.time.mono();
    this.#parts.asked(profile);
  }

  /** When somebody last asked, or now while somebody waits; monotonic. */
  demandedAt(profile: string): number {
    const { askedAt, waiting } = this.#ledger(profile);
    return waiting > 0 ? this.#parts.time.mono() : askedAt;
  }

  waits(profile: string, holdMs: number, forced: boolean): Visit {
    const { time, story, daemon } = this.#parts;
    this.asks(profile);
    const visit: Visit = { profile, process: daemon.process.number, answered: false };
    const ledger = this.#ledger(profile);
    ledger.waiting += 1;
    // New credentials may live shorter than the ones they replace.
    if (forced) ledger.last = null;
    time.after(holdMs + 1, () => {
      const lives = daemon.process.number === visit.process && daemon.process.alive;
      if (lives && !visit.answered) story.complain(`5: a caller of ${profile} is not answered within ${holdMs} ms`);
    });
    return visit;
  }

  answered(visit: Visit): void {
    if (visit.answered) this.#parts.story.complain('5: a caller is answered twice');
    visit.answered = true;
    const ledger = this.#ledger(visit.profile);
    ledger.waiting -= 1;
    ledger.askedAt = this.#parts.time.mono();
  }

  served(profile: string, served: Served): void {
    const { story, time, daemon, post } = this.#parts;
    const { roles } = post(profile);
    const ledger = this.#ledger(profile);
    const { last } = ledger;
    const accessKeyId = last?.served === served ? last.accessKeyId : keyOf(served);
    story.count('served');
    story.tell(`${profile} is served ${accessKeyId}, generation ${served.generation}`);
    if (roles.endOf(accessKeyId) <= time.truth()) story.complain('1: expired credentials are served');
    if (served.expiresAt - daemon.process.clock.now() < this.#floorMs(profile, accessKeyId) - 1)
      story.complain('2: credentials below the floor');
    if (roles.askedAt(accessKeyId) < ledger.droppedAt) story.complain('6: credentials from before a drop are served');
    const backwards = last && (served.generation < last.served.generation || served.expiresAt < last.served.expiresAt);
    if (backwards) story.complain('7: what is served goes backwards');
    ledger.last = { served, accessKeyId };
    ledger.owed = ledger.last;
    this.#parts.toldServed(profile, served.expiresAt - daemon.process.clock.now(), roles.lifetimeOf(accessKeyId));
  }

  refused(profile: string, error: unknown, holdMs: number): void {
    if (!(error instanceof BrokerError)) return this.broken(error);
    const { story, daemon, post } = this.#parts;
    story.count(`refused ${error.code}`);
    story.tell(`${profile} is told after at most ${holdMs} ms: ${error.code}: ${error.message}`);
    if (error.code === 'ProfileNotFound' || !daemon.serving) return;
    // What was served last and not dropped since can be served again, whatever the broker thinks that it holds.
    const { owed: last } = this.#ledger(profile);
    const leftMs = last ? last.served.expiresAt - daemon.process.clock.now() : 0;
    // A set that is read back near its end has a lower floor than this, and close to its end it is not taken at all.
    if (last && leftMs > this.#fullFloorMs(profile) + seconds(1) && !error.message.includes('checked in')) {
      story.complain(`4: ${profile} is told ${error.code} although ${last.accessKeyId} has ${leftMs} ms left`);
    }
    this.#parts.toldRefused(profile, error);
    if (error.code === 'LoginRequired' && !error.message.startsWith('Signed out')) this.#needless(post(profile).site);
  }

  /** Of sets that do not live long enough for it, a tenth of what they had left when they arrived. */
  #floorMs(profile: string, accessKeyId: string): number {
    return Math.min(this.#fullFloorMs(profile), this.#parts.post(profile).roles.lifetimeOf(accessKeyId) / 10);
  }

  #fullFloorMs(profile: string): number {
    return this.#parts.post(profile).scenario.renewal === 'overlap' ? seconds(60) : seconds(5);
  }

  /** A wish for new credentials that could not be fulfilled, whatever is held. */
  disappointed(profile: string, error: unknown): void {
    if (!(error instanceof BrokerError)) return this.broken(error);
    this.#parts.story.note('renewal refused', `${profile}: ${error.message}`);
  }

  broken = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.story.complain(`thrown: ${text}`);
  };

  /** Logout, check-in, another role: nothing from before may come back. */
  dropped(profile: string): void {
    this.#ledger(profile).droppedAt = this.#parts.time.tick();
    this.forgotten(profile);
  }

  /** What was served last says nothing about what comes. */
  forgotten(profile: string): void {
    Object.assign(this.#ledger(profile), { last: null, owed: null });
  }

  processEnded(): void {
    for (const ledger of this.#ledgers.values()) Object.assign(ledger, { last: null, owed: null, waiting: 0 });
  }

  clockLeapt(): void {
    for (const ledger of this.#ledgers.values()) ledger.owed = null;
  }

  /** Nobody is asked to sign in while the server still takes what there is. */
  #needless(site: Site): void {
    const { story, daemon, time } = this.#parts;
    const { tokens } = site.parts;
    const clockIsRight = Math.abs(daemon.process.clock.now() - time.truth()) < minutes(1) && tokens.reckonedRight();
    // What was said by a clock that was wrong a moment ago may be said again for a moment.
    const good = clockIsRight && !this.#parts.leaptLately() ? tokens.stillGood() : null;
    if (good) story.complain(`12/13: a sign-in is said to be needed although ${good}`);
  }

  #ledger(profile: string): Ledger {
    const known = this.#ledgers.get(profile);
    if (known) return known;
    const ledger = { last: null, owed: null, droppedAt: 0, askedAt: Number.NEGATIVE_INFINITY, waiting: 0 };
    this.#ledgers.set(profile, ledger);
    return ledger;
  }
}

const decoder = new TextDecoder();

const keyOf = ({ process }: Served): string => /"AccessKeyId":"([^"]+)"/.exec(decoder.decode(process))?.[1] ?? '';
